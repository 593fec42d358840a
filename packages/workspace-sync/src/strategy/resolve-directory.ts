import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, resolve } from 'node:path';
import { RecacError } from '@recac/engine-core';

/**
 * The directory of a workspace, absolute and with its links resolved. `/` and the home directory (or what holds it) are refused. Errors:
 * `RECAC_WORKSPACE_UNAVAILABLE`.
 */
export async function resolveDirectory(path: string): Promise<string> {
  const wanted = resolve(path);
  const real = await realpath(wanted).catch((cause: NodeJS.ErrnoException) => {
    throw unavailable(wanted, describeFailure(cause), cause);
  });
  const information = await stat(real);
  if (!information.isDirectory()) throw unavailable(wanted, 'is not a directory');
  const home = await realpath(homedir()).catch(() => homedir());
  if (real === '/' || isAbove(real, home))
    throw unavailable(wanted, 'is your home directory or holds it; a command could change everything in it');
  return real;
}

function describeFailure(cause: NodeJS.ErrnoException): string {
  if (cause.code === 'ENOENT') return 'does not exist';
  if (cause.code === 'ELOOP') return 'is a loop of symbolic links';
  return `cannot be opened (${cause.code ?? 'unknown error'})`;
}

function isAbove(path: string, home: string): boolean {
  if (!isAbsolute(home) || home === '/') return false;
  for (let current = home; current !== dirname(current); current = dirname(current)) if (current === path) return true;
  return false;
}

function unavailable(path: string, problem: string, cause?: unknown): RecacError {
  const message = `the workspace ${path} ${problem}. Choose a project directory with --workspace DIR, or --sync none to work without one.`;
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause, details: { path } });
}
