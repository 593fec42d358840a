import { validateUser, validateWorkingDirectory } from '@recac/engine-core';
import type { ProcessOptions } from './options/environment-options.ts';
import type { ExecutionOptions } from './options/execution-options.ts';

/** Checks `--workdir` and `--user` under their own names. Errors: `RECAC_INVALID_ARGUMENT`. */
export function validateFlags({
  workdir,
  user,
}: Pick<ExecutionOptions, 'workdir'> & Pick<ProcessOptions, 'user'>): void {
  if (workdir !== undefined) validateWorkingDirectory(workdir, '--workdir');
  if (user !== undefined) validateUser(user, '--user');
}
