import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { toPathText } from '../byte-path.ts';
import type { Conflict } from './merge-trees.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';
import { WorkingTree } from './working-tree.ts';

/**
 * Saves the session's version of a file beside the one of this machine; where a file of this machine stands in place of its directory, in a directory beside that. One that was saved before and is the same is not saved again. Errors:
 * `RECAC_WORKSPACE_CONFLICT`, `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function keepBeside(
  repository: Repository,
  { path, theirs }: Conflict,
  sessionId: string,
): Promise<{ readonly path: string; readonly saved?: string }> {
  const { directory } = repository;
  const shown = toPathText(path);
  if (theirs === undefined) return { path: shown };
  const { output } = await runGit({
    directory,
    arguments: ['cat-file', 'blob', theirs],
    maximumOutputBytes: Number.POSITIVE_INFINITY,
  });
  const own = (await new WorkingTree(repository).findBarrier(path)) ?? path;
  const below = toPathText(path.slice(own.length));
  for (let count = 1; ; count += 1) {
    const mark = `.recac-${sessionId.replaceAll('/', '_')}${count === 1 ? '' : `.${count}`}`;
    const saved = `${toPathText(own)}${mark}${below}`;
    try {
      await mkdir(dirname(join(directory, saved)), { recursive: true });
      await using file = await open(join(directory, saved), 'wx', 0o644);
      await file.writeFile(output);
      return { path: shown, saved };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' && (await holds(join(directory, saved), output))) return { path: shown, saved };
      if (code !== 'EEXIST' && code !== 'ENOTDIR')
        throw new RecacError('RECAC_WORKSPACE_CONFLICT', `${saved} cannot be written (${code}). Make room for it.`, {
          cause: error,
        });
    }
  }
}

async function holds(file: string, content: Buffer): Promise<boolean> {
  const found = await readFile(file).catch(() => undefined);
  return found?.equals(content) ?? false;
}
