import { createCommit } from './create-snapshot.ts';
import type { Conflict } from './merge-trees.ts';
import { replacePaths } from './replace-paths.ts';
import { type Repository, resolveReference } from './repository.ts';
import { listTreeChanges, type TreeChange } from './tree-changes.ts';

/** Work of which a part came over. */
export interface PartlyTaken {
  /** The commit of the session. */
  readonly work: string;
  /** What was taken over before, or what both sides had in common. */
  readonly since: string;
  /** Paths that did not come over, as bytes, one character each. */
  readonly open: readonly string[];
}

/** A commit on top of the work that says what of it came over: the rest is in it as it was before. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function commitTakenOver(repository: Repository, { work, since, open }: PartlyTaken): Promise<string> {
  const tree = await replacePaths(repository, { commit: work, base: since, paths: open });
  return createCommit(repository, { tree, parents: [work], message: 'Taken over' });
}

/** Work that came over at least partly. */
export interface TakenOver {
  /** The commit of the session. */
  readonly work: string;
  /** Paths that did not come over. */
  readonly open: ReadonlySet<string>;
}

/** What {@link commitTakenOver} says; undefined for any other commit. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function readTakenOver(repository: Repository, commit: string): Promise<TakenOver | undefined> {
  const work = await resolveReference(repository, `${commit}^1`);
  if (work === undefined) return undefined;
  const open = await listTreeChanges(repository, commit, work);
  return { work, open: new Set(open.map(({ path }) => path)) };
}

/** Those of the session's changes that do not come over; of a file that was renamed on one side and conflicts, under both of its names. */
export function listOpen(
  changes: readonly TreeChange[],
  { refused, conflicts }: { readonly refused: ReadonlySet<string>; readonly conflicts: readonly Conflict[] },
): readonly string[] {
  const paths = new Set(changes.map(({ path }) => path));
  const theirs = new Set(conflicts.filter(({ path }) => !paths.has(path)).map((conflict) => conflict.theirs));
  const bases = new Set(listAdded(changes, conflicts).map(({ base }) => base));
  const isOpen = ({ path, newMode, oldObject, newObject }: TreeChange): boolean =>
    refused.has(path) || (newMode === '000000' ? bases.has(oldObject) : theirs.has(newObject));
  return [...new Set(changes.filter(isOpen).map(({ path }) => path))];
}

/** Those of the changes here that would remove this machine's version of a conflict, as the session gave the file another name. */
export function listStaying(changes: readonly TreeChange[], conflicts: readonly Conflict[]): readonly string[] {
  const ours = new Set(listAdded(changes, conflicts).map((conflict) => conflict.ours));
  return changes
    .filter(({ newMode, oldObject }) => newMode === '000000' && ours.has(oldObject))
    .map(({ path }) => path);
}

function listAdded(changes: readonly TreeChange[], conflicts: readonly Conflict[]): readonly Conflict[] {
  const added = new Set(changes.filter(({ oldMode }) => oldMode === '000000').map(({ path }) => path));
  return conflicts.filter(({ path }) => added.has(path));
}
