import type { Command } from '@recac/engine-core';

/** A POSIX shell script as a command; the arguments are `$1`, `$2` and so on in it. */
export function shell(script: string, ...scriptArguments: (string | Uint8Array)[]): Command {
  return ['sh', '-c', script, 'sh', ...scriptArguments];
}
