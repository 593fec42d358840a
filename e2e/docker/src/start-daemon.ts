import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheDirectory, type ImageRecipe, importImages, requestDaemon } from '@recac/e2e-images';
import { type DaemonHolder, holdDaemon } from './daemon-holder.ts';

/** How the daemon is started. */
export interface DaemonOptions {
  /** More flags for dockerd, such as `--live-restore`. */
  readonly flags?: readonly string[];
  /** Images it shall have. Default none. */
  readonly images?: readonly ImageRecipe[];
  /**
   * `own` (the default): a network namespace of its own, so that no other daemon's firewall is touched; its ports can
   * be reached from in there only. `shared`: the namespace of this process.
   */
  readonly network?: 'own' | 'shared';
  /** Keep its images on this machine for the next time. One daemon at a time can; another one gets a fresh place. */
  readonly keep?: boolean;
}

/** A Docker daemon of ours. When this process ends in any way, so does the daemon with all its containers. */
export interface RunningDaemon extends AsyncDisposable {
  /** Its socket. */
  readonly socket: string;
  /** Its address: `unix://` and the socket. */
  readonly host: string;
  /** What it has logged up to now. */
  log(): Promise<string>;
  /** Sends it a signal, such as `STOP`, `CONT` or `KILL`. */
  signal(name: string): void;
  /** Resolves when it has ended. */
  ended(): Promise<void>;
  /** Starts it again after it ended, and waits until it answers. */
  start(): Promise<void>;
  /** Ends it with a signal, `TERM` unless told, and starts it again. */
  restart(signal?: string): Promise<void>;
  /** Ends it and all that it started, and removes its files. */
  stop(): Promise<void>;
}

const startLimitMs = 60_000;
const endLimitMs = 30_000;

/** Starts a Docker daemon and waits until it answers and has its images. Needs what `missingForDaemon` looks for. */
export async function startDaemon(options: DaemonOptions = {}): Promise<RunningDaemon> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-docker-'));
  const daemon = await holdWithData(directory, options)
    .then((holder) => createDaemon(holder, directory))
    .catch(async (error) => {
      await rm(directory, { recursive: true, force: true });
      throw error;
    });
  try {
    await daemon.start();
    if (options.keep) await removeLeftOvers(daemon.host);
    await importImages(daemon.host, options.images ?? []);
    return daemon;
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

async function holdWithData(directory: string, { flags = [], network = 'own', keep = false }: DaemonOptions) {
  const kept = join(cacheDirectory(), 'docker');
  const hold = (dataRoot: string, lockFile?: string) => {
    const files = [
      '--data-root',
      dataRoot,
      '--exec-root',
      join(directory, 'exec'),
      '--pidfile',
      join(directory, 'pid'),
    ];
    return holdDaemon({
      argv: ['dockerd', '--host', `unix://${join(directory, 'docker.sock')}`, ...files, ...flags],
      logFile: join(directory, 'log'),
      pidFile: join(directory, 'pid'),
      ownNetwork: network === 'own',
      ...(lockFile === undefined ? {} : { lockFile }),
    });
  };
  if (keep) await mkdir(kept, { recursive: true });
  const holder = keep ? await hold(join(kept, 'data'), join(kept, 'lock')) : undefined;
  return holder ?? ((await hold(join(directory, 'data'))) as DaemonHolder);
}

function createDaemon(holder: DaemonHolder, directory: string): RunningDaemon {
  const socket = join(directory, 'docker.sock');
  const host = `unix://${socket}`;
  const log = () => readFile(join(directory, 'log'), 'utf8').catch(() => '');
  const start = async () => {
    holder.start();
    await waitForAnswer(holder, host).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${(await log()).slice(-4_000)}`);
    });
  };
  const stop = async () => {
    if (holder.isRunning()) {
      // A stopped process would not act on TERM.
      holder.signal('CONT');
      await removeRunning(host);
      holder.signal('TERM');
      await Promise.race([holder.ended(), delay(endLimitMs, undefined, { ref: false })]);
    }
    await holder.close();
    await rm(directory, { recursive: true, force: true });
  };
  const restart = async (signal = 'TERM') => {
    holder.signal(signal);
    await holder.ended();
    await start();
  };
  const { signal, ended } = holder;
  return { socket, host, log, signal, ended, start, restart, stop, [Symbol.asyncDispose]: stop };
}

async function waitForAnswer(holder: DaemonHolder, host: string): Promise<void> {
  const limit = AbortSignal.timeout(startLimitMs);
  while (holder.isRunning() && !limit.aborted) {
    const answer = await requestDaemon({ host, path: '/_ping', timeoutMs: 5_000 }).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(50);
  }
  throw new Error(`dockerd ${limit.aborted ? 'did not answer' : 'ended'}. The end of its log:`);
}

/** Removes running containers: dockerd would wait for them to end, or leave them with `--live-restore`. */
async function removeRunning(host: string): Promise<void> {
  const ask = (method: string, path: string) =>
    requestDaemon({ host, method, path, timeoutMs: 10_000 }).catch(() => undefined);
  const answer = await ask('GET', '/containers/json');
  if (answer?.status !== 200) return;
  const ids: string[] = JSON.parse(answer.body).map(({ Id }: { Id: string }) => Id);
  await Promise.all(ids.map((id) => ask('DELETE', `/containers/${id}?force=1&v=1`)));
}

/** Removes what an earlier test run left when it was killed: nothing in the kept place is anybody else's. */
async function removeLeftOvers(host: string): Promise<void> {
  for (const kind of ['containers', 'networks', 'volumes']) {
    await requestDaemon({ host, method: 'POST', path: `/${kind}/prune` });
  }
}
