import { readFile } from 'node:fs/promises';
import { findGitPath, type Repository, resolveReference } from './repository.ts';
import { readGit } from './run-git.ts';

/** How much history an environment gets: none, the last commits, or all. */
export type GitHistory = 'none' | 'full' | number;

/** What a commit of the working tree stands on. */
export interface History {
  /** Its parents; none without history. */
  readonly parents: readonly string[];
  /** Commits whose parents are left out. */
  readonly shallow: readonly string[];
}

/** The history that goes in with the working tree. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function findHistory(repository: Repository, history: GitHistory = 'none'): Promise<History> {
  const head = history === 'none' ? undefined : await resolveReference(repository, 'HEAD');
  if (head === undefined) return { parents: [], shallow: [] };
  const shallowHere = await readFile(await findGitPath(repository, 'shallow'), 'utf8').catch(() => '');
  const own = shallowHere.split('\n').filter((line) => line !== '');
  if (history === 'full') return { parents: [head], shallow: own };
  const { directory } = repository;
  const kept = await readGit({ directory, arguments: ['rev-list', `--max-count=${history}`, '--parents', head] });
  const rows = kept.split('\n').map((line) => line.split(' '));
  const inside = new Set(rows.map(([commit]) => commit));
  const cut = rows
    .filter(([, ...parents]) => parents.some((parent) => !inside.has(parent)))
    .map(([commit = '']) => commit);
  return { parents: [head], shallow: [...cut, ...own.filter((commit) => inside.has(commit))] };
}
