import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { CliWorld } from './cli-process.ts';

/**
 * The command line in a mount namespace of its own, in a directory with a file `text` that no daemon or node sees: below the mount point they have only what
 * is there now.
 */
export async function runElsewhere(
  { argv, environment }: CliWorld,
  [mountPoint, directory]: readonly [string, string],
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const script =
    'mount -t tmpfs none "$1" && mkdir -p "$2" && echo only here >"$2/text" && cd "$2" && shift 2 && exec "$@"';
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', mountPoint, directory, ...argv, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  return { code, stdout, stderr };
}
