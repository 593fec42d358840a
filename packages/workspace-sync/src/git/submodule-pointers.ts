import { readFile } from 'node:fs/promises';
import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';
import { WorkingTree } from './working-tree.ts';

/**
 * Sets the pointers of an index to what its submodules are at, and gives their paths, as bytes, one character each: `git add` has nothing to do there any more, and must not look, since it runs `git status` inside, by whose
 * configuration no program is taken away. Those that are gone, or have something else in their place, are left to it. Errors: `RECAC_WORKSPACE_GIT_FAILED`.
 */
export async function setPointers(
  repository: Repository,
  variables: { readonly GIT_INDEX_FILE: string },
): Promise<readonly string[]> {
  const { directory } = repository;
  if (!(await mayHavePointers(variables.GIT_INDEX_FILE))) return [];
  const { output } = await runGit({ directory, variables, arguments: ['ls-files', '--stage', '-z'] });
  const tree = new WorkingTree(repository);
  const paths: string[] = [];
  for (const line of output.toString('latin1').split('\0')) {
    const path = line.slice(line.indexOf('\t') + 1);
    if (!line.startsWith('160000 ') || (await tree.findBarrier(path)) !== undefined) continue;
    if ((await tree.look(path))?.isDirectory()) paths.push(path);
  }
  const stdin = Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
  if (paths.length > 0) await runGit({ directory, variables, arguments: ['update-index', '-z', '--stdin'], stdin });
  return paths;
}

/** By the mode of a pointer somewhere in an index, or the extension that names another index (gitformat-index): saves a call of git at nearly every push. */
async function mayHavePointers(index: string): Promise<boolean> {
  const bytes = await readFile(index).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  return bytes.includes(pointerMode) || bytes.includes('link\0');
}

const pointerMode = Buffer.from([0, 0, 0xe0, 0]);
