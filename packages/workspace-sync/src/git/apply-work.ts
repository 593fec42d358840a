import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { createCommit, createSnapshot, type Snapshot } from './create-snapshot.ts';
import { type Repository, readTree } from './repository.ts';
import { runGit } from './run-git.ts';
import { withoutPaths } from './send-snapshot.ts';
import { listTreeChanges } from './tree-changes.ts';
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
  const here = await createHere(repository, base, work);
  const theirs = await createCommit(repository, {
    tree: await readTree(repository, work),
    parents: [base],
    message: 'Work',
  });
  const merged = await mergeTrees(repository, here.commit, theirs);
  const changes = await listTreeChanges(repository, here.commit, merged.tree);
  const wanted = changes.map(({ path }) => path);
  const unsafe = (await findUnsafeLinks(repository, changes)).map(({ path }) => path);
  const out = [...merged.conflicts.filter((path) => wanted.includes(path)), ...unsafe];
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
  const conflicts = [];
  for (const path of merged.conflicts) conflicts.push(await keepBeside(repository, { work, path, sessionId }));
  const left = new Set(out);
  return { changed: wanted.filter((path) => !left.has(path)).map(toText), conflicts, skipped: unsafe.map(toText) };
}

/** The working tree, with files that git ignores where the session has them too, such as one of `workspace.include`. */
async function createHere(repository: Repository, base: string, work: string): Promise<Snapshot> {
  const options = { parents: [base], message: 'Here' };
  const plain = await createSnapshot(repository, options);
  const tree = new WorkingTree(repository);
  const include: string[] = [];
  for (const { path, oldMode } of await listTreeChanges(repository, plain.commit, work)) {
    if (oldMode !== '000000' || (await tree.findBarrier(path)) !== undefined) continue;
    const found = await tree.look(path);
    if (found?.isFile() || found?.isSymbolicLink()) include.push(toText(path));
  }
  return include.length === 0 ? plain : createSnapshot(repository, { ...options, include });
}

async function mergeTrees(
  { directory }: Repository,
  ours: string,
  theirs: string,
): Promise<{ readonly tree: string; readonly conflicts: readonly string[] }> {
  const parameters = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const { output } = await runGit({ directory, arguments: parameters, answers: [1] });
  const [tree = '', ...names] = output.toString('latin1').split('\0');
  return { tree: tree.trim(), conflicts: [...new Set(names.filter((name) => name !== ''))] };
}

/** Saves the session's version of a file beside the one of this machine. */
async function keepBeside(
  { directory }: Repository,
  { work, path, sessionId }: { readonly work: string; readonly path: string; readonly sessionId: string },
): Promise<{ readonly path: string; readonly saved?: string }> {
  const shown = toText(path);
  const found = await runGit({ directory, arguments: ['cat-file', 'blob', `${work}:${shown}`], answers: [128] });
  if (found.code !== 0) return { path: shown };
  for (let count = 1; ; count += 1) {
    const saved = `${shown}.recac-${sessionId.replaceAll('/', '_')}${count === 1 ? '' : `.${count}`}`;
    try {
      await mkdir(dirname(join(directory, saved)), { recursive: true });
      await using file = await open(join(directory, saved), 'wx', 0o644);
      await file.writeFile(found.output);
      return { path: shown, saved };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST')
        throw new RecacError('RECAC_WORKSPACE_CONFLICT', `${saved} cannot be written (${code}). Make room for it.`, {
          cause: error,
        });
    }
  }
}

function toText(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}
