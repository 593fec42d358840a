import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { isInside } from '../archive/entry-path.ts';
import { createCommit, createSnapshot } from './create-snapshot.ts';
import { type Repository, readTree } from './repository.ts';
import { runGit } from './run-git.ts';
import { listDifference, withoutPaths } from './send-snapshot.ts';
import { findWork } from './work-report.ts';

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
  const here = await createSnapshot(repository, { parents: [base], message: 'Here' });
  const theirs = await createCommit(repository, {
    tree: await readTree(repository, work),
    parents: [base],
    message: 'Work',
  });
  const merged = await mergeTrees(repository, here.commit, theirs);
  const { paths: wanted } = await listDifference(repository, here.commit, merged.tree);
  const unsafe = await findUnsafeLinks(repository, merged.tree, wanted);
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

/** Links among the paths that would lead out of the working tree. */
async function findUnsafeLinks(
  { directory }: Repository,
  tree: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  const { output } = await runGit({ directory, arguments: ['ls-tree', '-r', '-z', '--full-tree', tree] });
  const wanted = new Set(paths);
  const unsafe: string[] = [];
  for (const line of output.toString('latin1').split('\0')) {
    const match = /^120000 blob ([0-9a-f]+)\t(.*)$/s.exec(line);
    if (match === null || !wanted.has(match[2] ?? '')) continue;
    const blob = await runGit({ directory, arguments: ['cat-file', 'blob', match[1] ?? ''] });
    if (!isInside((match[2] ?? '').split('/'), blob.output.toString('latin1'))) unsafe.push(match[2] ?? '');
  }
  return unsafe;
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
