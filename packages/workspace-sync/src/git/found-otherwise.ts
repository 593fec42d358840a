import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';
import type { TreeChange } from './tree-changes.ts';
import { WorkingTree } from './working-tree.ts';

/**
 * Those of the changes whose path in the working tree is not as they say it was: somebody saved it since, or git does not tell, since it lies outside of a sparse checkout, its changes are hidden by `git update-index`, or its name
 * cannot be given to git. Errors: `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function listFoundOtherwise(
  repository: Repository,
  changes: readonly TreeChange[],
): Promise<readonly TreeChange[]> {
  const changed = await listChanged(
    repository,
    changes.filter(({ oldMode }) => oldMode !== '000000' && oldMode !== '160000'),
  );
  const tree = new WorkingTree(repository);
  const gone = new Map(
    changes.filter(({ newMode }) => newMode === '000000').map(({ path }) => [path.toLowerCase(), path]),
  );
  const found: TreeChange[] = [];
  for (const change of changes)
    if (change.oldMode === '000000' ? await isTaken(tree, change.path, gone) : changed.has(change.path))
      found.push(change);
  return found;
}

async function listChanged({ directory }: Repository, changes: readonly TreeChange[]): Promise<ReadonlySet<string>> {
  if (changes.length === 0) return new Set();
  const temporary = await mkdtemp(join(tmpdir(), 'recac-index-'));
  try {
    const variables = { GIT_INDEX_FILE: join(temporary, 'index') };
    const lines = changes.map(({ path, oldMode, oldObject }) => `${oldMode} ${oldObject}\t${path}\0`);
    const stdin = Buffer.from(lines.join(''), 'latin1');
    await runGit({ directory, variables, arguments: ['update-index', '-z', '--index-info'], stdin });
    const options = ['--name-only', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules', '-z'];
    const { output } = await runGit({ directory, variables, arguments: ['diff', ...options] });
    return new Set(output.toString('latin1').split('\0').slice(0, -1));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Where case does not count, the file that goes is found under its new name. */
async function isTaken(tree: WorkingTree, path: string, gone: ReadonlyMap<string, string>): Promise<boolean> {
  const there = await tree.look(path);
  if (there === undefined || there.isDirectory()) return false;
  const twin = gone.get(path.toLowerCase());
  const same = twin === undefined ? undefined : await tree.look(twin);
  return same?.ino !== there.ino || same.dev !== there.dev;
}
