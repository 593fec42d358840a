import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { text } from 'node:stream/consumers';

/** The daemon that is measured, as in DOCKER_HOST. */
export const dockerHost =
  process.env.RECAC_BENCH_DOCKER_HOST ?? process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';

/** The image that everything runs in: one with busybox's programs. */
export const benchImage = process.env.RECAC_BENCH_IMAGE ?? 'recac-test/busybox:1';

const environment = { ...process.env, DOCKER_HOST: dockerHost };

/** Runs a program against the same daemon and gives its output. A failure throws. `input` goes to its stdin. */
export async function runPeer(program: string, parameters: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'inherit'], env: environment });
  child.stdin.end(input);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  assert.equal(code, 0, `${program} ${parameters.join(' ')} ended with ${code}`);
  return output;
}

/** Runs the docker command and gives its output. */
export function docker(...parameters: readonly string[]): Promise<string> {
  return runPeer('docker', parameters);
}

/** The flags of `docker run` that ask for what an environment gets (container-plan.ts), with a bind mount or a scratch workspace. */
export function hardenedFlags(bindDirectory?: string): readonly string[] {
  const workspace = bindDirectory === undefined ? 'type=volume' : `type=bind,src=${bindDirectory}`;
  return [
    '--rm --init --network none --cap-drop ALL --security-opt no-new-privileges --read-only --ipc private',
    '--user 10000:10000 --workdir /workspace --memory 8g --memory-swap 8g --pids-limit 4096 --ulimit core=0:0',
    '--tmpfs /run:rw,noexec,nosuid,nodev,mode=1777,size=67108864 --mount type=volume,dst=/tmp',
    `--mount ${workspace},dst=/workspace --log-driver none --no-healthcheck --env HOME=/tmp --env USER=10000`,
    '--label recac-bench=peer',
  ].flatMap((line) => line.split(' '));
}

/** `docker run -d` with those flags; gives the container's id. */
export async function runContainer(bindDirectory?: string): Promise<string> {
  return (await docker('run', '-d', ...hardenedFlags(bindDirectory), benchImage, 'sleep', '86400')).trim();
}

/** The command line of `runContainer`, as it is shown. */
export const runCommandLine = `docker run -d ${hardenedFlags().join(' ')} ${benchImage} sleep 86400`;

/** Removes containers. */
export async function removeContainers(...ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await docker('rm', '-f', '-v', ...ids);
}
