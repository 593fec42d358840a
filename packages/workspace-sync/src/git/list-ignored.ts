import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';
import { WorkingTree } from './working-tree.ts';

/** Those of the paths that git ignores here and does not track. Paths are bytes, one character each. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function listIgnored(repository: Repository, paths: readonly string[]): Promise<readonly string[]> {
  const { directory } = repository;
  const tree = new WorkingTree(repository);
  const asked: string[] = [];
  // git ends at a path that lies beyond a link.
  for (const path of paths) if ((await tree.findBarrier(path)) === undefined) asked.push(path);
  if (asked.length === 0) return [];
  const { output } = await runGit({
    directory,
    arguments: ['check-ignore', '-z', '--stdin'],
    stdin: Buffer.from(asked.map((path) => `${path}\0`).join(''), 'latin1'),
    answers: [1],
  });
  return output
    .toString('latin1')
    .split('\0')
    .filter((path) => path !== '');
}
