import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { toPathText } from '../byte-path.ts';
import { createStage } from '../upload/create-stage.ts';
import { listFoundOtherwise } from './found-otherwise.ts';
import { placeFiles } from './place-files.ts';
import { findGitPath, type Repository } from './repository.ts';
import { runGit } from './run-git.ts';
import type { TreeChange } from './tree-changes.ts';

/**
 * Changes files of the working tree, and neither index nor branch. All of them lie ready before the first one is changed, and each is changed by one rename; where one cannot be, none is. Errors: `RECAC_WORKSPACE_CONFLICT` where
 * a file is not as it was any more, `RECAC_WORKSPACE_GIT_FAILED`, `RECAC_PERMISSION_DENIED` as `placeFiles`.
 */
export async function changeFiles(repository: Repository, changes: readonly TreeChange[]): Promise<void> {
  if (changes.length === 0) return;
  const { directory } = repository;
  const stage = await createStage(await findStageDirectory(repository));
  try {
    const [staged, kept] = [join(stage, 'new'), join(stage, 'old')];
    await mkdir(staged);
    await mkdir(kept);
    const ready = { GIT_INDEX_FILE: join(stage, 'new-index') };
    const isFile = (mode: string): boolean => mode !== '000000' && mode !== '160000';
    const added = changes.filter(({ newMode }) => isFile(newMode));
    await addEntries(
      repository,
      ready,
      added.map(({ path, newMode, newObject }) => [newMode, newObject, path]),
    );
    await runGit({ directory, variables: ready, arguments: ['checkout-index', '--all', '-q', `--prefix=${staged}/`] });
    await refuseChanged(repository, changes);
    placeFiles({ directory, staged, kept, changes });
  } finally {
    // What cannot be removed is no reason to say that the files were not changed, or hides why.
    await rm(stage, { recursive: true, force: true }).catch(() => {});
  }
}

type IndexVariables = { readonly GIT_INDEX_FILE: string };

/** A rename needs one file system. */
async function findStageDirectory(repository: Repository): Promise<string> {
  const own = await findGitPath(repository, '.');
  const [here, there] = await Promise.all([stat(repository.directory), stat(own)]);
  return here.dev === there.dev ? own : repository.directory;
}

async function addEntries(
  { directory }: Repository,
  variables: IndexVariables,
  entries: readonly (readonly [string, string, string])[],
): Promise<void> {
  const lines = entries.map(([mode, object, path]) => `${mode} ${object}\t${path}\0`);
  const stdin = Buffer.from(lines.join(''), 'latin1');
  await runGit({ directory, variables, arguments: ['update-index', '-z', '--index-info'], stdin });
}

/** Somebody may have saved a file since it was looked at. */
async function refuseChanged(repository: Repository, changes: readonly TreeChange[]): Promise<void> {
  const paths = (await listFoundOtherwise(repository, changes)).map(({ path }) => toPathText(path));
  if (paths.length === 0) return;
  const message = `${paths.slice(0, 10).join(', ')} changed here meanwhile; nothing was changed. Try again.`;
  throw new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { paths } });
}
