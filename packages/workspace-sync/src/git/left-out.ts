import type { IgnoreChoice } from '../ignore/ignore-rules.ts';
import { createCommit } from './create-snapshot.ts';
import { listExcludedOf } from './excluded.ts';
import { listFiltered } from './filtered.ts';
import { listIgnored } from './list-ignored.ts';
import { replacePaths } from './replace-paths.ts';
import { type Repository, readTree } from './repository.ts';
import { runGit } from './run-git.ts';
import { listCommitChanges, listTreeChanges, makeEmptyTree } from './tree-changes.ts';
import { findUnsafeLinks } from './unsafe-links.ts';
import type { SessionWork } from './work-report.ts';

/** What the trees of a session hold that no branch of this machine may get. */
export interface LeftOut {
  /** The commit whose state such a path keeps. */
  readonly origin: string;
  /** Paths that git ignores here and that were carried all the same, and those that it would only store through a filter. */
  readonly ignored: ReadonlySet<string>;
  /** Links of the session that lead out of the workspace: blob, tab, path. */
  readonly links: ReadonlySet<string>;
  /** Paths of the origin that `workspace.exclude` kept from the session. */
  readonly excluded: ReadonlySet<string>;
  /** Those of the paths that the session changed or made, as bytes, one character each. */
  readonly changed: readonly string[];
}

/** Looks for what is left out. `origin`: the commit that the branch stands on; `choice`: what the session began with. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function findLeftOut(
  repository: Repository,
  { start, head, work }: SessionWork,
  { origin, choice }: { readonly origin: string | undefined; readonly choice: IgnoreChoice },
): Promise<LeftOut> {
  const before = origin ?? (await makeRoot(repository));
  const [carried, uncommitted, changes, all] = await Promise.all([
    listTreeChanges(repository, before, start),
    listTreeChanges(repository, head, work),
    listTreeChanges(repository, start, work),
    listCommitChanges(repository, { since: start, until: [head, work] }),
  ]);
  const added = [...carried, ...uncommitted].filter(({ oldMode }) => oldMode === '000000').map(({ path }) => path);
  const touched = [...carried, ...changes, ...all].map(({ path }) => path);
  const ignored = new Set([
    ...(await listIgnored(repository, [...new Set(added)])),
    ...(await listFiltered(repository, [...new Set(touched)])),
  ]);
  const excluded = new Set(await listExcludedOf(repository, before, choice));
  const links = await findUnsafeLinks(repository, all);
  return {
    origin: before,
    ignored,
    excluded,
    links: new Set(links.map(({ path, newObject }) => `${newObject}\t${path}`)),
    changed: changes
      .filter(({ path, newMode }) => newMode !== '000000' && (ignored.has(path) || excluded.has(path)))
      .map(({ path }) => path),
  };
}

/** The tree of a commit without what is left out. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function readCleanTree(
  repository: Repository,
  commit: string,
  { origin, ignored, excluded, links }: LeftOut,
): Promise<string> {
  if (ignored.size === 0 && excluded.size === 0 && links.size === 0) return readTree(repository, commit);
  const { directory } = repository;
  const { output } = await runGit({ directory, arguments: ['ls-tree', '-r', '-z', '--full-tree', commit] });
  const paths = [...excluded];
  for (const line of output.toString('latin1').split('\0')) {
    const path = line.slice(line.indexOf('\t') + 1);
    if (ignored.has(path) || links.has(line.slice(line.lastIndexOf(' ', line.indexOf('\t')) + 1))) paths.push(path);
  }
  if (paths.length === 0) return readTree(repository, commit);
  return replacePaths(repository, { commit, base: origin, paths });
}

async function makeRoot(repository: Repository): Promise<string> {
  return createCommit(repository, { tree: await makeEmptyTree(repository), parents: [], message: 'Nothing' });
}
