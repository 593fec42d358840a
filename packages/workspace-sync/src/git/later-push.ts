import { RecacError } from '@recac/engine-core';
import { createCommit } from './create-snapshot.ts';
import { snapshotMessage } from './first-push.ts';
import { replacePaths } from './replace-paths.ts';
import { type Repository, resolveReference, toReferences } from './repository.ts';
import {
  type CommitDifference,
  type GitEnds,
  listChangedPaths,
  listDifference,
  type PackedSnapshot,
  packSnapshot,
  sendSnapshot,
} from './send-snapshot.ts';
import { readTakenOver } from './taken-over.ts';

/** A tree that goes to an environment which got an earlier one. */
export interface LaterPush {
  /** What both sides had in common. */
  readonly previous: string;
  /** The tree. */
  readonly tree: string;
}

/** What went in. */
export interface LaterPushReport {
  /** What both sides have in common now. */
  readonly commit: string;
  /** Number of paths that were written there. */
  readonly changed: number;
  /** Number of paths that were removed there. */
  readonly removed: number;
  /** Bytes that were sent. */
  readonly bytes: number;
  /** Paths that both sides changed, as bytes, one character each. */
  readonly conflicts: readonly string[];
  /** What differs from `previous`. */
  readonly difference: CommitDifference;
}

/** A change that is looked at and packed. */
export interface ReadyPush extends LaterPush {
  readonly commit: string;
  readonly packed: PackedSnapshot;
  readonly difference: CommitDifference;
}

/** More new paths than these are not looked for one by one. */
const fewAdded = 200;

/** Looks what a tree changes, and packs it. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function prepareLater(ends: GitEnds, { previous, tree }: LaterPush): Promise<ReadyPush> {
  const { repository, environment } = ends;
  const { branch } = toReferences(environment.sessionId);
  const pack = async (): Promise<Pick<ReadyPush, 'commit' | 'packed'>> => {
    const commit = await createCommit(repository, { tree, parents: [previous], message: snapshotMessage });
    return { commit, packed: await packSnapshot(repository, { branch, previous, commit }) };
  };
  const [made, difference] = await Promise.all([pack(), listDifference(repository, previous, tree)]);
  return { previous, tree, ...made, difference };
}

/**
 * Sends a change: first as if nothing were in the way there, which costs one command; then, if something is, without the paths that both sides changed. A path that is the same on both sides, or that this machine took from the session and
 * changed further, is none of those. Errors: `RECAC_WORKSPACE_CONFLICT`, `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function pushLater(ends: GitEnds, ready: ReadyPush): Promise<LaterPushReport> {
  const { previous, commit, packed, difference } = ready;
  const { paths, added } = difference;
  const { branch } = toReferences(ends.environment.sessionId);
  if (added.length <= fewAdded) {
    try {
      const bytes = await sendSnapshot(ends, { branch, commit, previous, simple: true, free: added }, packed);
      return { commit, ...count(difference, []), bytes, conflicts: [], difference };
    } catch (error) {
      if (!RecacError.isInstance(error) || error.code !== 'RECAC_WORKSPACE_CONFLICT') throw error;
    }
  }
  let found = await compare(ends, ready);
  let storedBytes = 0;
  if (!found.isStored && found.conflicts.length > 0) {
    storedBytes = await sendSnapshot(ends, { branch, commit, previous, store: true }, packed);
    found = await compare(ends, ready);
  }
  const { conflicts, from, agreed } = found;
  const counts = count(difference, [...conflicts, ...agreed]);
  if (conflicts.length === paths.length)
    return { commit: previous, ...counts, bytes: storedBytes, conflicts, difference };
  const tree = await replacePaths(ends.repository, { commit, base: previous, paths: conflicts });
  const clean =
    conflicts.length === 0
      ? commit
      : await createCommit(ends.repository, { tree, parents: [previous], message: snapshotMessage });
  const stored = found.isStored ? { stored: commit } : {};
  const sentBytes = await sendSnapshot(ends, { branch, commit: clean, previous, from, ...stored });
  return { commit: clean, ...counts, bytes: storedBytes + sentBytes, conflicts, difference };
}

/** Of the paths that differ, without some. */
function count(
  { paths, removed }: CommitDifference,
  without: readonly string[],
): Pick<LaterPushReport, 'changed' | 'removed'> {
  const left = new Set(without);
  const gone = removed.filter((path) => !left.has(path)).length;
  return { changed: paths.length - left.size - gone, removed: gone };
}

interface Comparison {
  /** The environment has the objects of what is sent; else nothing is known to agree. */
  readonly isStored: boolean;
  readonly conflicts: readonly string[];
  /** What the environment has at the other paths. */
  readonly from: string;
  /** Those of them at which that is what is sent. */
  readonly agreed: readonly string[];
}

async function compare(ends: GitEnds, { previous, commit, tree, difference }: ReadyPush): Promise<Comparison> {
  const { repository, environment } = ends;
  const { paths } = difference;
  const applied = await resolveReference(repository, toReferences(environment.sessionId).applied);
  const takenOver = applied === undefined ? undefined : await readTakenOver(repository, applied);
  const known = takenOver === undefined ? [] : [takenOver.work];
  const [since, toNew, ...toApplied] = await listChangedPaths(ends, [previous, commit, ...known], paths);
  const changed = paths.filter((path) => since?.has(path) ?? true);
  const agreed = changed.filter((path) => toNew?.has(path) === false);
  const others = changed.filter((path) => toNew?.has(path) !== false);
  const isTaken = (path: string): boolean => toApplied[0]?.has(path) === false && !takenOver?.open.has(path);
  const taken = others.filter(isTaken);
  const conflicts = others.filter((path) => !isTaken(path));
  const withTaken = await replaceFrom(repository, { commit: previous, base: applied, paths: taken });
  const from = await replaceFrom(repository, { commit: withTaken, base: tree, paths: agreed });
  return { isStored: toNew !== undefined, conflicts, from, agreed };
}

async function replaceFrom(
  repository: Repository,
  {
    commit,
    base,
    paths,
  }: { readonly commit: string; readonly base: string | undefined; readonly paths: readonly string[] },
): Promise<string> {
  if (base === undefined || paths.length === 0) return commit;
  const tree = await replacePaths(repository, { commit, base, paths });
  return createCommit(repository, { tree, parents: [commit], message: snapshotMessage });
}
