import { runMergeTree } from './merge-tree.ts';
import type { Repository } from './repository.ts';

/** A path that both sides changed so that git cannot bring it together. */
export interface Conflict {
  /** Where this machine's version lies, or would; as bytes, one character each. */
  readonly path: string;
  /** What the session has there; undefined where it removed it. */
  readonly theirs?: string;
  /** What this machine has, where git knows it, maybe under another name. */
  readonly ours?: string;
  /** What both began with, where git knows it, maybe under another name. */
  readonly base?: string;
}

/** What came of a merge. */
export interface MergedTrees {
  /** Name of the tree; it has something of both sides where they conflict. */
  readonly tree: string;
  /** What conflicts. */
  readonly conflicts: readonly Conflict[];
  /** All paths of the tree that are touched by that, with both names where git gave one of two another. */
  readonly touched: readonly string[];
}

interface Stages {
  base?: string;
  ours?: string;
  theirs?: string;
}

/** Merges two commits without a working tree. A file that is new in a directory which the other side renamed stays where it is. Errors: as {@link runMergeTree}. */
export async function mergeTrees(repository: Repository, ours: string, theirs: string): Promise<MergedTrees> {
  const { output } = await runMergeTree(repository, [ours, theirs], {
    settings: ['-c', 'merge.directoryRenames=false'],
  });
  const [tree = '', ...lines] = output.toString('latin1').split('\0');
  const touched = new Set<string>();
  const found = new Map<string, Stages>();
  for (const line of lines) {
    const match = /^(\d{6}) (\w+) ([123])\t(.*)$/s.exec(line);
    if (match === null) continue;
    const [, mode, object = '', stage, place = ''] = match;
    const path = toOwnName(place, [ours, theirs]);
    touched.add(place).add(path);
    const stages = found.get(path) ?? {};
    found.set(path, stages);
    stages[stage === '1' ? 'base' : stage === '2' ? 'ours' : 'theirs'] = mode === '160000' ? '' : object;
  }
  const conflicts: Conflict[] = [];
  for (const [path, { theirs: other, ...stages }] of found) {
    if (other) conflicts.push({ path, ...stages, theirs: other });
    // One stage alone is the other end of a rename, which is said at the name that it has there.
    else if (stages.base !== undefined && stages.ours !== undefined) conflicts.push({ path, ...stages });
  }
  return { tree: tree.trim(), conflicts, touched: [...touched] };
}

/** Where a file and a directory want one name, git calls the file `name~commit`. */
function toOwnName(place: string, commits: readonly string[]): string {
  for (const commit of commits) {
    const at = place.lastIndexOf(`~${commit}`);
    if (at > 0 && /^(_\d+)?$/.test(place.slice(at + 1 + commit.length))) return place.slice(0, at);
  }
  return place;
}
