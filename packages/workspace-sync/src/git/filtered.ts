import { withPrivateIndex } from './create-snapshot.ts';
import type { Repository } from './repository.ts';
import { listFilters, runGit } from './run-git.ts';

/** Those of the paths whose content a filter of git changes on its way, such as that of LFS or git-crypt; we run none. By the attributes of the working tree, or by those of a tree. Paths are bytes, one character each. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function listFiltered(
  repository: Repository,
  paths: readonly string[],
  tree?: string,
): Promise<ReadonlySet<string>> {
  const { directory } = repository;
  const filters = new Set(await listFilters(directory));
  if (filters.size === 0 || paths.length === 0) return new Set();
  const stdin = Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
  const look = ['check-attr', '-z', '--stdin'];
  const { output } =
    tree === undefined
      ? await runGit({ directory, arguments: [...look, 'filter'], stdin })
      : await withPrivateIndex(repository, async (variables) => {
          await runGit({ directory, variables, arguments: ['read-tree', '--reset', tree] });
          return runGit({ directory, variables, arguments: [...look, '--cached', 'filter'], stdin });
        });
  const fields = output.toString('latin1').split('\0');
  return new Set(fields.filter((_, at) => at % 3 === 0 && filters.has(fields[at + 2] ?? '')));
}

/** The files of a snapshot that are in it as git stores them, a pointer of LFS for example, and not with their content. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function listStored({ directory }: Repository, commit: string): Promise<readonly string[]> {
  const filters = await listFilters(directory);
  // Other names cannot stand in a pathspec.
  const specs = filters.filter((name) => /^[\w-]+$/.test(name)).map((name) => `:(attr:filter=${name})`);
  if (specs.length === 0) return [];
  const { output } = await runGit({ directory, arguments: ['ls-files', '--stage', '-z', '--', ...specs] });
  const tracked = output
    .toString('latin1')
    .split('\0')
    .filter((line) => line !== '');
  if (tracked.length === 0) return [];
  const sent = await runGit({ directory, arguments: ['ls-tree', '-r', '-z', '--full-tree', commit] });
  const lines = new Set(sent.output.toString('latin1').split('\0'));
  return tracked
    .filter((line) => lines.has(line.replace(/^(\d+) (\w+) \d\t/, '$1 blob $2\t')))
    .map((line) => line.slice(line.indexOf('\t') + 1));
}
