import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ImageRecipe, importImages, requestDaemon } from '@recac/e2e-images';
import { holdDaemon } from './daemon-holder.ts';
import { missingForDaemon } from './missing-parts.ts';

/** A Podman service of ours, which speaks Docker's API. When this process ends in any way, so does it with all its containers. */
export interface RunningPodman extends AsyncDisposable {
  /** Its address: `unix://` and the socket. */
  readonly host: string;
  /** What it has logged up to now. */
  log(): Promise<string>;
  /** Ends it and all that it started, and removes its files. */
  stop(): Promise<void>;
}

const startLimitMs = 60_000;

/** Why no Podman can be started here; undefined when one can. */
export function missingForPodman(): string | undefined {
  const programs = ['podman', 'conmon', 'runc', 'catatonit'];
  const missing = programs.filter((name) => spawnSync(name, ['--version']).error !== undefined);
  return missing.length > 0
    ? `not installed: ${missing.join(', ')} (Debian packages of these names)`
    : missingForDaemon();
}

/** Starts `podman system service` with a storage and settings of its own, and waits until it answers. */
export async function startPodman(images: readonly ImageRecipe[]): Promise<RunningPodman> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-podman-'));
  const host = `unix://${join(directory, 'podman.sock')}`;
  const log = () => readFile(join(directory, 'log'), 'utf8').catch(() => '');
  const settings = await writeSettings(directory);
  const place = (name: string) => join(directory, name);
  const storage = ['--root', place('root'), '--runroot', place('run'), '--tmpdir', place('libpod')];
  const holder = await holdDaemon({
    argv: ['env', ...settings, 'podman', ...storage, 'system', 'service', '--time=0', host],
    logFile: place('log'),
    pidFile: place('pid'),
    ownNetwork: true,
  });
  if (!holder) throw new Error('the namespaces of Podman could not be made');
  const stop = async () => {
    await holder.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    holder.start();
    await waitForAnswer(host, () => holder.isRunning());
    await importImages(host, images);
  } catch (error) {
    const text = (await log()).slice(-4_000);
    await stop();
    throw new Error(`Podman could not be started: ${(error as Error).message}\n${text}`);
  }
  return { host, log, stop, [Symbol.asyncDispose]: stop };
}

/** Nothing of the machine's own Podman is used: neither its storage nor its networks, locks or events. */
async function writeSettings(directory: string): Promise<readonly string[]> {
  const temporary = join(directory, 'tmp');
  await mkdir(temporary);
  const catatonit = spawnSync('sh', ['-c', 'command -v catatonit'], { encoding: 'utf8' }).stdout.trim();
  const containers = `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
init_path = "${catatonit}"
[engine]
runtime = "clamped"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
[engine.runtimes]
clamped = ["${join(import.meta.dirname, 'clamped-runc.sh')}"]
[network]
network_config_dir = "${join(directory, 'networks')}"
`;
  const storage = `
[storage]
driver = "overlay"
graphroot = "${join(directory, 'root')}"
runroot = "${join(directory, 'run')}"
`;
  await writeFile(join(directory, 'containers.conf'), containers);
  await writeFile(join(directory, 'storage.conf'), storage);
  return [
    `CONTAINERS_CONF=${join(directory, 'containers.conf')}`,
    `CONTAINERS_STORAGE_CONF=${join(directory, 'storage.conf')}`,
    `TMPDIR=${temporary}`,
  ];
}

async function waitForAnswer(host: string, isRunning: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(startLimitMs);
  while (isRunning() && !limit.aborted) {
    const answer = await requestDaemon({ host, path: '/_ping', timeoutMs: 5_000 }).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(50);
  }
  throw new Error(limit.aborted ? 'it did not answer' : 'it ended');
}
