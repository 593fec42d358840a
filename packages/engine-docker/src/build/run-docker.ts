import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import process from 'node:process';
import { abortedError, throwIfAborted } from '@recac/engine-core';

/** How the docker command is run. */
export interface RunDockerOptions {
  /** Value for DOCKER_HOST. Default: what the environment says. */
  readonly host?: string;
  /** Ends it and what it started. */
  readonly signal?: AbortSignal;
  /** Called with what it writes, stdout and stderr alike. */
  readonly onOutput: (text: string) => void;
}

const graceMs = 5_000;

/** Runs the docker command to its end and gives its exit code, or 128 when a signal ended it. Rejects when it cannot be started. */
export async function runDocker(
  args: readonly string[],
  { host, signal, onOutput }: RunDockerOptions,
): Promise<number> {
  throwIfAborted(signal, 'the docker command');
  const child = spawn('docker', args, {
    // Not the caller's: that may be a workspace.
    cwd: tmpdir(),
    detached: true,
    env: host === undefined ? process.env : toEnvironment(host),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onOutput);
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    endGroup(child.pid, 'SIGTERM');
    timer = setTimeout(() => endGroup(child.pid, 'SIGKILL'), graceMs);
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (signal?.aborted) throw abortedError('the docker command', signal.reason);
    return code ?? 128;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** The same daemon as ours, whatever context or builder the user has chosen. */
function toEnvironment(host: string): NodeJS.ProcessEnv {
  const { DOCKER_CONTEXT: _context, BUILDX_BUILDER: _builder, ...rest } = process.env;
  return { ...rest, DOCKER_HOST: host, NO_COLOR: '1' };
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {}
}
