import { listAbove } from './list-above.ts';
import type { Conflict } from './merge-trees.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';
import type { TreeChange } from './tree-changes.ts';
import { WorkingTree } from './working-tree.ts';

/** What lies where files would come and is in no tree: a directory of ignored files in place of a file, or something else in place of a directory. */
export async function listInTheWay(
  repository: Repository,
  { changes, refused }: Pick<Blockade, 'changes' | 'refused'>,
): Promise<readonly Conflict[]> {
  const tree = new WorkingTree(repository);
  const gone = new Set(changes.filter(({ newMode }) => newMode === '000000').map(({ path }) => path));
  const found: Conflict[] = [];
  for (const { path, oldMode, newMode, newObject } of changes) {
    if (oldMode !== '000000' || newMode === '160000' || refused.has(path)) continue;
    const barrier = await tree.findBarrier(path);
    const isHeld = (await tree.look(path))?.isDirectory() && (await tree.holdsMore(path, gone));
    if (isHeld || (barrier !== undefined && !gone.has(barrier))) found.push({ path, theirs: newObject });
  }
  return found;
}

/** What comes, and what stays. */
export interface Blockade {
  /** The tree of this machine. */
  readonly here: string;
  /** What would change. */
  readonly changes: readonly TreeChange[];
  /** Paths that stay as they are here. */
  readonly refused: ReadonlySet<string>;
}

/** What would come below a file that stays, or where a directory with such a file is. */
export async function listBlocked(
  repository: Repository,
  { here, changes, refused }: Blockade,
): Promise<readonly Conflict[]> {
  if (refused.size === 0) return [];
  const { output } = await runGit({
    directory: repository.directory,
    arguments: ['ls-tree', '-r', '-z', '--name-only', '--full-tree', here],
  });
  const stays = new Set(
    output
      .toString('latin1')
      .split('\0')
      .filter((path) => refused.has(path)),
  );
  const above = new Set([...stays].flatMap(listAbove));
  return changes
    .filter(({ path, newMode }) => newMode !== '000000' && !refused.has(path))
    .filter(({ path }) => above.has(path) || listAbove(path).some((name) => stays.has(name)))
    .map(({ path, newMode, newObject }) => (newMode === '160000' ? { path } : { path, theirs: newObject }));
}
