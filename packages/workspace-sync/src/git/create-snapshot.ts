import { copyFile, lstat, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { removeExcluded, toPathspecs } from './excluded.ts';
import { findGitPath, type Repository } from './repository.ts';
import { readGit, runGit } from './run-git.ts';
import { setPointers } from './submodule-pointers.ts';

/** What to put into a tree. */
export interface TreeOptions {
  /** Ignored paths that are carried all the same, such as `.env`. Default: none. */
  readonly include?: readonly string[];
  /** Patterns that are left out besides the ignored ones, as lines of a `.recacignore`, also where git tracks what fits. Default: none. */
  readonly exclude?: readonly string[];
  /**
   * An earlier tree was sent, and this one will be compared with it: repositories inside were looked for then, so that `submodules` is empty, and that every object is there
   * shows when what is new is packed. Default: false.
   */
  readonly isKnown?: boolean;
}

/** A tree that holds the working tree. */
export interface WrittenTree {
  /** Name of the tree. */
  readonly tree: string;
  /** Submodules, whose content is not carried. */
  readonly submodules: readonly string[];
}

/** What to put into a snapshot. */
export interface SnapshotOptions extends TreeOptions {
  /** Parents of the commit. Default: none. */
  readonly parents?: readonly string[];
  /** Its message. */
  readonly message: string;
}

/** A commit that holds the working tree. */
export interface Snapshot extends WrittenTree {
  /** Name of the commit. */
  readonly commit: string;
}

/** Commits the working tree as it is. Errors: as {@link writeTree}. */
export async function createSnapshot(repository: Repository, options: SnapshotOptions): Promise<Snapshot> {
  const { parents = [], message } = options;
  const written = await writeTree(repository, options);
  return { ...written, commit: await createCommit(repository, { tree: written.tree, parents, message }) };
}

/**
 * Writes the working tree as it is: staged, changed and untracked files, without what is ignored. It uses an index of its own: neither index, branch,
 * stash nor a file of the user is touched. Errors: `RECAC_WORKSPACE_GIT_FAILED`, `RECAC_WORKSPACE_UNAVAILABLE` naming a repository inside the
 * working tree that is no submodule, since git carries only a pointer of it.
 */
export async function writeTree(repository: Repository, options: TreeOptions): Promise<WrittenTree> {
  const { directory } = repository;
  const { include = [], exclude = [], isKnown = false } = options;
  return withPrivateIndex(repository, async (variables) => {
    const pointers = await setPointers(repository, variables);
    const without = pointers.map((path) => Buffer.from(`:(exclude,literal)${path}`, 'latin1'));
    const add = (option: string, specs: readonly string[]): Promise<unknown> => {
      const stdin = Buffer.concat([...specs, ...without].flatMap((spec) => [Buffer.from(spec), Buffer.of(0)]));
      return runGit({ directory, variables, arguments: [...everywhere, 'add', option, ...fromStdin], stdin });
    };
    await add('--all', ['.', ...toPathspecs(exclude)]);
    const included = (await listPresent(directory, include)).filter((path) => !pointers.includes(path));
    if (included.length > 0)
      await add(
        '--force',
        included.map((path) => `:(literal)${path}`),
      );
    if (exclude.length > 0) await removeExcluded(repository, { variables, include, exclude });
    const submodules = isKnown ? [] : await findSubmodules(repository, variables);
    const tree = await readGit({
      directory,
      variables,
      arguments: isKnown ? ['write-tree', '--missing-ok'] : ['write-tree'],
    });
    return { tree, submodules };
  });
}

/** Else `git add` fails over a file that lies outside of a sparse checkout. */
const everywhere = ['-c', 'core.sparseCheckout=false'];

const fromStdin = ['--pathspec-from-file=-', '--pathspec-file-nul'];

/** Those of the paths at which there is something. */
async function listPresent(directory: string, paths: readonly string[]): Promise<readonly string[]> {
  const isThere = (path: string): Promise<boolean> =>
    lstat(join(directory, path)).then(
      () => true,
      () => false,
    );
  const present = await Promise.all(paths.map(isThere));
  return paths.filter((_, index) => present[index]);
}

/** What a commit is made of. */
export interface CommitOptions {
  /** Name of its tree. */
  readonly tree: string;
  /** Its parents. */
  readonly parents: readonly string[];
  /** Its message. */
  readonly message: string;
  /** Its date, as git writes them, so that the same commit gets the same name again. Default: now. */
  readonly date?: string;
}

/** Makes a commit of a tree and gives its name. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export function createCommit(
  { directory }: Repository,
  { tree, parents, message, date }: CommitOptions,
): Promise<string> {
  const parameters = parents.flatMap((parent) => ['-p', parent]);
  const variables = date === undefined ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  return readGit({ directory, arguments: ['commit-tree', tree, ...parameters], stdin: `${message}\n`, variables });
}

/**
 * Works with a copy of the repository's index, by the variables that git needs for it. The copy is no younger than the index: git looks into files that may have been changed in the
 * second in which the index was written (git's racy-git.adoc).
 */
export async function withPrivateIndex<T>(
  repository: Repository,
  work: (variables: { readonly GIT_INDEX_FILE: string }) => Promise<T>,
): Promise<T> {
  const temporary = await mkdtemp(join(tmpdir(), 'recac-index-'));
  try {
    const index = join(temporary, 'index');
    await copyIndex(await findGitPath(repository, 'index'), index).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    return await work({ GIT_INDEX_FILE: index });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function copyIndex(from: string, to: string): Promise<void> {
  const seconds = Math.floor((await stat(from)).mtimeMs / 1_000);
  await copyFile(from, to);
  await utimes(to, seconds, seconds);
}

/** Refuses a repository inside the working tree that is no submodule. Gives the submodules. */
async function findSubmodules(
  { directory }: Repository,
  variables: { readonly GIT_INDEX_FILE: string },
): Promise<readonly string[]> {
  const staged = await readGit({ directory, variables, arguments: ['ls-files', '--stage', '-z'] });
  const links = staged.split('\0').filter((line) => line.startsWith('160000 '));
  if (links.length === 0) return [];
  const paths = links.map((line) => line.slice(line.indexOf('\t') + 1));
  const modules = await runGit({
    directory,
    variables,
    arguments: ['config', '--blob', ':.gitmodules', '-z', '--get-regexp', '^submodule\\..*\\.path$'],
    answers: [1, 128],
  });
  const known = new Set(
    modules.output
      .toString()
      .split('\0')
      .map((entry) => entry.slice(entry.indexOf('\n') + 1)),
  );
  const nested = paths.filter((path) => !known.has(path));
  if (nested.length === 0) return paths;
  const message = `${nested.join(', ')} is a repository inside the workspace but no submodule, and git would carry only a pointer of it. Ignore it, or use --sync upload.`;
  throw new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { details: { paths: nested } });
}
