import { createCommit } from './create-snapshot.ts';
import { type MergedTrees, mergeTrees } from './merge-trees.ts';
import { replacePaths } from './replace-paths.ts';
import type { Repository } from './repository.ts';

/** Two trees that come together. */
export interface TreesToMerge {
  /** The tree of this machine. */
  readonly ours: string;
  /** The tree of the session. */
  readonly theirs: string;
  /** The commit that both come from. */
  readonly base: string;
  /** A later commit of the session that this machine took over. Default: none. */
  readonly applied?: string;
}

/**
 * Merges two trees. Where that conflicts, and this machine took over earlier work of the session since, it is merged from there: what was changed here on top of that is no conflict. What came over and was taken back here comes again. Errors:
 * `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function mergeOnto(repository: Repository, { applied, ...trees }: TreesToMerge): Promise<MergedTrees> {
  const merged = await mergeFrom(repository, trees);
  if (merged.touched.length === 0 || applied === undefined) return merged;
  const later = await mergeFrom(repository, { ...trees, base: applied });
  const open = new Set(later.touched);
  const paths = merged.touched.filter((path) => !open.has(path));
  const tree = await replacePaths(repository, { commit: merged.tree, base: later.tree, paths });
  return {
    tree,
    conflicts: merged.conflicts.filter(({ path }) => open.has(path)),
    touched: merged.touched.filter((path) => open.has(path)),
  };
}

async function mergeFrom(
  repository: Repository,
  { ours, theirs, base }: Omit<TreesToMerge, 'applied'>,
): Promise<MergedTrees> {
  const commit = (tree: string, message: string): Promise<string> =>
    createCommit(repository, { tree, parents: [base], message });
  return mergeTrees(repository, await commit(ours, 'Here'), await commit(theirs, 'Work'));
}
