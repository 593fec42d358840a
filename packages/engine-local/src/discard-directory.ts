import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { removeTree } from './remove-tree.ts';

/** What is being made or deleted by a process that lives is changed more often than this. */
const leftAfterMs = 60_000;

/**
 * Takes a directory of ours away by its name at once, then deletes its files, and those that an earlier call could not delete or was killed in. Nothing happens
 * when it is gone. With `except` one that turns out to have such a file is put back. Errors: `RECAC_PERMISSION_DENIED`; then the files are where the message says.
 */
export async function discardDirectory(
  root: string,
  directory: string,
  { except }: { readonly except?: string } = {},
): Promise<void> {
  const leaving = join(root, `.old-${randomBytes(6).toString('hex')}`);
  try {
    await rename(directory, leaving);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw cannotRemove(basename(directory), directory, error);
  }
  if (except !== undefined && existsSync(join(leaving, except))) return rename(leaving, directory);
  await removeTree(leaving).catch((error: unknown) => {
    throw cannotRemove(basename(directory), leaving, error);
  });
  await removeLeft(root);
}

async function removeLeft(root: string): Promise<void> {
  const left = (await readdir(root).catch(() => [])).filter((name) => /^\.(new|old)-/.test(name));
  for (const path of left.map((name) => join(root, name))) {
    const changedAt = (await stat(path).catch(() => undefined))?.ctimeMs ?? Number.POSITIVE_INFINITY;
    // Who failed to remove it has said so; it must not fail the removal of another.
    if (Date.now() - changedAt > leftAfterMs) await removeTree(path).catch(() => {});
  }
}

function cannotRemove(name: string, path: string, cause: unknown): RecacError {
  const { code } = cause as NodeJS.ErrnoException;
  const message = `the files of ${name} could not be removed (${code ?? 'unknown cause'}). Remove ${path} by hand, or as the user who owns it.`;
  return new RecacError('RECAC_PERMISSION_DENIED', message, { cause, details: { path } });
}
