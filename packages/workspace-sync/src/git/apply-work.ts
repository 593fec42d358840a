import { toPathText } from '../byte-path.ts';
import { createCommit, createSnapshot, type Snapshot } from './create-snapshot.ts';
import { readChoice } from './excluded.ts';
import { listFiltered } from './filtered.ts';
import { keepBeside } from './keep-beside.ts';
import { type Conflict, mergeTrees } from './merge-trees.ts';
import { type Repository, readTree } from './repository.ts';
import { runGit } from './run-git.ts';
import { withoutPaths } from './send-snapshot.ts';
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
}

/**
 * Merges the work of a session into the working tree of this machine, by lines where both changed a file. Neither index nor branch is touched, nothing that is
 * not committed is overwritten, and the step is one: when a file cannot be written, none is. Errors: `RECAC_WORKSPACE_UNAVAILABLE`, `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function applyWork(repository: Repository, sessionId: string): Promise<AppliedWork> {
  const { directory } = repository;
  const { base, work } = await findWork(repository, sessionId);
  const here = await createHere(repository, {
    base,
    work,
    exclude: (await readChoice(repository, sessionId)).exclude ?? [],
  });
  const theirs = await createCommit(repository, {
    tree: await readTree(repository, work),
    parents: [base],
    message: 'Work',
  });
  const merged = await mergeTrees(repository, here.commit, theirs);
  const changes = await listTreeChanges(repository, here.commit, merged.tree);
  const unsafe = await findUnsafeLinks(repository, changes);
  const refused = new Set([...merged.touched, ...unsafe.map(({ path }) => path)]);
  const filtered = await listFilteredHere(repository, changes);
  for (const { path } of filtered) refused.add(path);
  const removed = await listRemoved(repository, base, theirs);
  for (const { path, newMode } of changes) if (newMode === '000000' && !removed.has(path)) refused.add(path);
  const blocked = await listBlocked(repository, { here: here.commit, changes, refused });
  for (const { path } of blocked) refused.add(path);
  const out = changes.map(({ path }) => path).filter((path) => refused.has(path));
  const target =
    out.length === 0
      ? merged.tree
      : await withoutPaths(repository, { commit: merged.tree, base: here.commit, paths: out });
  const patch = await runGit({
    directory,
    arguments: [
      'diff-tree',
      '-r',
      '--binary',
      '--full-index',
      '--no-renames',
      '--no-ext-diff',
      '--no-textconv',
      '-p',
      here.commit,
      target,
    ],
  });
  if (patch.output.length > 0)
    await runGit({ directory, arguments: ['apply', '--whitespace=nowarn', '-'], stdin: patch.output });
  const both = new Map([...filtered, ...blocked, ...merged.conflicts].map((conflict) => [conflict.path, conflict]));
  const conflicts = [];
  for (const conflict of both.values()) conflicts.push(await keepBeside(repository, conflict, sessionId));
  const changed = changes.map(({ path }) => path).filter((path) => !refused.has(path));
  return { changed: changed.map(toPathText), conflicts, skipped: unsafe.map(({ path }) => toPathText(path)) };
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
  return here
    .filter(({ path }) => filtered.has(path))
    .map(({ path, newMode, newObject }) => (newMode === '000000' ? { path } : { path, theirs: newObject }));
}

async function listRemoved(repository: Repository, from: string, to: string): Promise<ReadonlySet<string>> {
  const changes = await listTreeChanges(repository, from, to);
  return new Set(changes.filter(({ newMode }) => newMode === '000000').map(({ path }) => path));
}

interface Blockade {
  readonly here: string;
  readonly changes: readonly TreeChange[];
  /** Paths that stay as they are here. */
  readonly refused: ReadonlySet<string>;
}

/** What would come below a file that stays, or where a directory with such a file is. */
async function listBlocked(repository: Repository, { here, changes, refused }: Blockade): Promise<readonly Conflict[]> {
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

function listAbove(path: string): readonly string[] {
  const steps = path.split('/');
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('/'));
}
