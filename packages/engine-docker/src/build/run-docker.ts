import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import process from 'node:process';
import { abortedError, throwIfAborted } from '@recac/engine-core';
import { endGroup } from '../end-group.ts';

/** How the docker command is run. */
export interface RunDockerOptions {
  /** Variables that name the daemon (`toDockerVariables`). Default: those of the environment. */
  readonly variables?: NodeJS.ProcessEnv;
  /** Ends it and what it started. */
  readonly signal?: AbortSignal;
  /** Called with what it writes, stdout and stderr alike. */
  readonly onOutput: (text: string) => void;
}

const graceMs = 5_000;

/** Runs the docker command to its end and gives its exit code, or 128 when a signal ended it. Rejects when it cannot be started. */
export async function runDocker(
  args: readonly string[],
  { variables, signal, onOutput }: RunDockerOptions,
): Promise<number> {
  throwIfAborted(signal, 'the docker command');
  const child = spawn('docker', args, {
    // Not the caller's: that may be a workspace.
    cwd: tmpdir(),
    detached: true,
    env: variables ?? process.env,
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
