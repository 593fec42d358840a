import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';

/** One path that differs between two trees. */
export interface TreeChange {
  /** The path, as bytes, one character each. */
  readonly path: string;
  /** Its mode before, such as `100644`; `000000` where it was not there. */
  readonly oldMode: string;
  /** Its mode after; `000000` where it is not there. */
  readonly newMode: string;
  /** Its object before; zeros where it was not there. */
  readonly oldObject: string;
  /** Its object after. */
  readonly newObject: string;
}

/**
 * git gathers all changes before it says one. This bounds each of its allocations, so that the list of them ends at four million, at about 1 GiB, and one directory may hold a million files; no content of a file is read.
 */
const bounded = { GIT_ALLOC_LIMIT: '40m' };

/** What differs between two commits or trees. Errors: `RECAC_WORKSPACE_GIT_FAILED`, also where that is more than 256 MiB of paths. */
export async function listTreeChanges(
  { directory }: Repository,
  from: string,
  to: string,
): Promise<readonly TreeChange[]> {
  const parameters = ['diff-tree', '-r', '-z', '--no-renames', from, to];
  const { output } = await runGit({ directory, variables: bounded, arguments: parameters });
  return parseChanges(output);
}

/** What the commits that lead to some commits, but not to another one, changed. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function listCommitChanges(
  { directory }: Repository,
  { since, until }: { readonly since: string; readonly until: readonly string[] },
): Promise<readonly TreeChange[]> {
  const format = ['--raw', '-z', '--no-abbrev', '--no-renames', '--no-ext-diff', '-m', '--root', '--format='];
  const parameters = ['log', ...format, ...until, `^${since}`, '--'];
  const { output } = await runGit({ directory, variables: bounded, arguments: parameters });
  return parseChanges(output);
}

function parseChanges(output: Buffer): readonly TreeChange[] {
  const fields = output.toString('latin1').split('\0');
  const changes: TreeChange[] = [];
  for (let at = 0; at < fields.length; at += 1) {
    const match = /^\n*:(\d{6}) (\d{6}) (\w+) (\w+) \w$/.exec(fields[at] ?? '');
    if (match === null) continue;
    const [, oldMode = '', newMode = '', oldObject = '', newObject = ''] = match;
    at += 1;
    changes.push({ path: fields[at] ?? '', oldMode, newMode, oldObject, newObject });
  }
  return changes;
}

/** The name of the tree that holds nothing, which is there afterwards. Errors: `RECAC_WORKSPACE_GIT_FAILED`. */
export async function makeEmptyTree({ directory }: Repository): Promise<string> {
  return (await runGit({ directory, arguments: ['mktree'] })).output.toString().trim();
}
