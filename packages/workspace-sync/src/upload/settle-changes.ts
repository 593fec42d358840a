import { toBytePath } from '../byte-path.ts';
import { Manifest } from '../manifest/manifest.ts';
import { scanPath } from '../manifest/scan-path.ts';
import type { AppliedAs } from './apply-changes.ts';
import type { WorkspaceBase } from './workspace-base.ts';

/** What applying changes came to. */
export interface Settled {
  /** What both sides have in common now, on this machine. */
  readonly host: { readonly set: Manifest; readonly removed: Manifest };
  /** Number of paths that are now as in the environment. */
  readonly changed: number;
  /** Number of paths that were removed. */
  readonly removed: number;
  /** Paths that both sides changed. */
  readonly conflicts: readonly string[];
  /** Paths to which nothing was done. */
  readonly left: readonly string[];
}

/** Applies one path after the other. What this machine changed by itself is not in common: the next push brings it. */
export function settle(
  applied: Iterable<readonly [string, AppliedAs]>,
  base: WorkspaceBase,
  directory: string,
): Settled {
  const [set, removed] = [new Manifest(base.table), new Manifest(base.table)];
  const counts = { changed: 0, removed: 0, agreed: 0, conflict: 0, restored: 0, left: 0 };
  const [conflicts, left]: [string[], string[]] = [[], []];
  const root = toBytePath(directory);
  for (const [path, as] of applied) {
    counts[as] += 1;
    if (as === 'conflict' || as === 'restored') conflicts.push(path);
    if (as === 'left') left.push(path);
    if (as === 'conflict' || as === 'left') continue;
    const here = scanPath(`${root}/${path}`);
    const before = base.host.get(path);
    if (here !== undefined) set.set(path, here);
    else if (before !== undefined) removed.set(path, before);
  }
  return {
    host: { set, removed },
    changed: counts.changed + counts.restored,
    removed: counts.removed,
    conflicts,
    left,
  };
}
