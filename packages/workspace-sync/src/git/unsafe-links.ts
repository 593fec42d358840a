import { isInside } from '../archive/entry-path.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';
import type { TreeChange } from './tree-changes.ts';

/** Those of the changes that make a link which would lead out of the working tree. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function findUnsafeLinks(
  repository: Repository,
  changes: readonly TreeChange[],
): Promise<readonly TreeChange[]> {
  const links = changes.filter(({ newMode }) => newMode === '120000');
  if (links.length === 0) return [];
  const targets = await readBlobs(repository, [...new Set(links.map(({ newObject }) => newObject))]);
  return links.filter(({ path, newObject }) => !isInside(path.split('/'), targets.get(newObject) ?? ''));
}

/** Blobs by their names, as bytes, one character each. */
async function readBlobs({ directory }: Repository, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const stdin = names.map((name) => `${name}\n`).join('');
  const { output } = await runGit({ directory, arguments: ['cat-file', '--batch'], stdin });
  const text = output.toString('latin1');
  const blobs = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const [name = '', , size = '0'] = text.slice(at, end).split(' ');
    blobs.set(name, text.slice(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return blobs;
}
