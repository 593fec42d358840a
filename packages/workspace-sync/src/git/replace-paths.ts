import { withPrivateIndex } from './create-snapshot.ts';
import type { Repository } from './repository.ts';
import { readGit, runGit } from './run-git.ts';

/** Paths of a commit that are to be as in another one. */
export interface PathsToReplace {
  /** The commit, or its tree. */
  readonly commit: string;
  /** Where the paths are taken from, a commit or a tree. Default: they are taken out. */
  readonly base?: string;
  /** The paths, as bytes, one character each. */
  readonly paths: readonly string[];
}

/** The tree of a commit, but with some paths as they are in another one. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function replacePaths(repository: Repository, { commit, base, paths }: PathsToReplace): Promise<string> {
  const { directory } = repository;
  return withPrivateIndex(repository, async (variables) => {
    await runGit({ directory, variables, arguments: ['read-tree', commit] });
    const lines = paths.map((path) => `0 ${'0'.repeat(commit.length)}\t${path}\0`).join('');
    const entries = base === undefined ? '' : await listEntries(repository, base, new Set(paths));
    const stdin = Buffer.from(lines + entries, 'latin1');
    await runGit({ directory, variables, arguments: ['update-index', '-z', '--index-info'], stdin });
    return readGit({ directory, variables, arguments: ['write-tree'] });
  });
}

async function listEntries({ directory }: Repository, tree: string, wanted: ReadonlySet<string>): Promise<string> {
  const { output } = await runGit({ directory, arguments: ['ls-tree', '-r', '-z', '--full-tree', tree] });
  const lines = output.toString('latin1').split('\0');
  const found = lines.filter((line) => wanted.has(line.slice(line.indexOf('\t') + 1)));
  return found.map((line) => `${line.replace(/^(\d+) \w+ /, '$1 ')}\0`).join('');
}
