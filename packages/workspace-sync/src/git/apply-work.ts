import { RecacError } from '@recac/engine-core';
import { toPathText } from '../byte-path.ts';
import { changeFiles } from './change-files.ts';
import { createSnapshot, type Snapshot } from './create-snapshot.ts';
import { readChoice } from './excluded.ts';
import { listFiltered } from './filtered.ts';
import { listFoundOtherwise } from './found-otherwise.ts';
import { keepBefore } from './keep-before.ts';
import { keepBeside } from './keep-beside.ts';
import { mergeOnto } from './merge-onto.ts';
import type { Conflict } from './merge-trees.ts';
import { listBlocked, listInTheWay } from './obstacles.ts';
import { type Repository, readTree, resolveReference, setReferences, toReferences } from './repository.ts';
import { withSessionTurn } from './session-turn.ts';
import { commitTakenOver, listOpen, listStaying } from './taken-over.ts';
import { listTreeChanges, type TreeChange } from './tree-changes.ts';
import { findUnsafeLinks } from './unsafe-links.ts';
import { findWork } from './work-report.ts';
import { WorkingTree } from './working-tree.ts';

/** What came into the working tree. */
export interface AppliedWork {
  /** Paths that are now as the session, or both sides together, made them. */
  readonly changed: readonly string[];
  /** Paths that both sides changed in the same place: this machine's stay, the session's version lies under `saved`. */
  readonly conflicts: readonly { readonly path: string; readonly saved?: string }[];
  /** Links that lead out of the workspace, which are not made. */
  readonly skipped: readonly string[];
  /** Submodules that the session made, removed or set to another commit: here they stay, since only a commit can say it. */
  readonly pointers: readonly string[];
}

/**
 * Merges the work of a session into the working tree of this machine, by lines where both changed a file. Neither index nor branch is touched, nothing that is
 * not committed is overwritten, and when a file cannot be written, none is. Work that was applied before and changed further here is no conflict. Errors: `RECAC_WORKSPACE_UNAVAILABLE`, also with a git older than 2.38, `RECAC_WORKSPACE_GIT_FAILED`,
 * `RECAC_WORKSPACE_CONFLICT` where a file is changed meanwhile, `RECAC_PERMISSION_DENIED`.
 */
export function applyWork(repository: Repository, sessionId: string): Promise<AppliedWork> {
  return withSessionTurn(repository, sessionId, () => apply(repository, sessionId));
}

async function apply(repository: Repository, sessionId: string): Promise<AppliedWork> {
  const { base, work } = await findWork(repository, sessionId);
  const references = toReferences(sessionId);
  const applied = await resolveReference(repository, references.applied);
  const here = await createHere(repository, {
    base,
    work,
    exclude: (await readChoice(repository, sessionId)).exclude ?? [],
  });
  const [ours, theirs] = [await readTree(repository, here.commit), await readTree(repository, work)];
  const merged = await mergeOnto(repository, { ours, theirs, base, ...(applied === undefined ? {} : { applied }) });
  const changes = await listTreeChanges(repository, here.commit, merged.tree);
  const unsafe = await findUnsafeLinks(repository, changes);
  const refused = new Set([...merged.touched, ...unsafe.map(({ path }) => path)]);
  const filtered = await listFilteredHere(repository, changes);
  for (const { path } of filtered) refused.add(path);
  for (const path of listStaying(changes, merged.conflicts)) refused.add(path);
  const there = await listChangesSince(repository, applied === undefined ? [base] : [base, applied], theirs);
  const removed = new Set(there.filter(({ newMode }) => newMode === '000000').map(({ path }) => path));
  for (const { path, newMode } of changes) if (newMode === '000000' && !removed.has(path)) refused.add(path);
  const otherwise = (
    await listFoundOtherwise(
      repository,
      changes.filter(({ path }) => !refused.has(path)),
    )
  ).map(toConflict);
  for (const { path } of otherwise) refused.add(path);
  const blocked = [
    ...(await listBlocked(repository, { here: here.commit, changes, refused })),
    ...(await listInTheWay(repository, { changes, refused })),
  ];
  for (const { path } of blocked) refused.add(path);
  const open = listOpen(there, { refused, conflicts: merged.conflicts });
  const takenOver = await commitTakenOver(repository, { work, since: applied ?? base, open });
  const before = await keepBefore(repository, references.before, here.commit);
  const taken = changes.filter(({ path }) => !refused.has(path));
  await changeFiles(repository, taken).catch(async (error: unknown) => {
    if (!isUnchanged(error)) throw withBefore(error, before);
    await setReferences(repository, { [before]: undefined }).catch(() => {});
    throw error;
  });
  await setReferences(repository, { [references.applied]: takenOver, [before]: undefined });
  const both = new Map(
    [...filtered, ...otherwise, ...blocked, ...merged.conflicts].map((conflict) => [conflict.path, conflict]),
  );
  const conflicts = [];
  for (const conflict of both.values()) conflicts.push(await keepBeside(repository, conflict, sessionId));
  const toTexts = (list: readonly { readonly path: string }[]): readonly string[] =>
    list.map(({ path }) => toPathText(path));
  const changed = toTexts(taken.filter((change) => !isPointer(change)));
  return { changed, conflicts, skipped: toTexts(unsafe), pointers: toTexts(taken.filter(isPointer)) };
}

function isPointer({ oldMode, newMode }: TreeChange): boolean {
  return newMode === '160000' || (newMode === '000000' && oldMode === '160000');
}

/** Nothing was begun, or all was taken back: only then is the reference not needed. */
function isUnchanged(error: unknown): boolean {
  return RecacError.isInstance(error) && error.details.restored !== false;
}

function withBefore(error: unknown, reference: string): RecacError {
  const [code, words, details] = RecacError.isInstance(error)
    ? [error.code, error.message, error.details]
    : (['RECAC_INTERNAL', `${error instanceof Error ? error.message : error}.`, {}] as const);
  const message = `${words} The files as they were are in ${reference}: git show ${reference}:PATH.`;
  return new RecacError(code, message, { cause: error, details: { ...details, reference } });
}

/** The working tree as it was sent, with files that git ignores or `workspace.exclude` names where the session has them too, such as one of `workspace.include`. */
async function createHere(
  repository: Repository,
  { base, work, exclude }: { readonly base: string; readonly work: string; readonly exclude: readonly string[] },
): Promise<Snapshot> {
  const options = { parents: [base], message: 'Here', exclude };
  const plain = await createSnapshot(repository, options);
  const tree = new WorkingTree(repository);
  const include: string[] = [];
  for (const { path, oldMode } of await listTreeChanges(repository, plain.commit, work)) {
    if (oldMode !== '000000' || (await tree.findBarrier(path)) !== undefined) continue;
    const found = await tree.look(path);
    if (found?.isFile() || found?.isSymbolicLink()) include.push(toPathText(path));
  }
  return include.length === 0 ? plain : createSnapshot(repository, { ...options, include });
}

/** Files of this machine that a filter of git changes on its way: what they hold here is not what git compares, so that they cannot be merged. */
async function listFilteredHere(repository: Repository, changes: readonly TreeChange[]): Promise<readonly Conflict[]> {
  const here = changes.filter(({ oldMode }) => oldMode !== '000000');
  const filtered = await listFiltered(
    repository,
    here.map(({ path }) => path),
  );
  return here.filter(({ path }) => filtered.has(path)).map(toConflict);
}

/** A change that stays out. */
function toConflict({ path, newMode, newObject }: TreeChange): Conflict {
  return newMode === '000000' || newMode === '160000' ? { path } : { path, theirs: newObject };
}

async function listChangesSince(
  repository: Repository,
  from: readonly string[],
  to: string,
): Promise<readonly TreeChange[]> {
  return (await Promise.all(from.map((commit) => listTreeChanges(repository, commit, to)))).flat();
}
