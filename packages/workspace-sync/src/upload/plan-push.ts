import { Manifest } from '../manifest/manifest.ts';
import type { ManifestDifference } from '../manifest/manifest-comparison.ts';
import { isSame } from '../manifest/manifest-entry.ts';
import { type Changes, describePaths, type SyncEnds } from './send-changes.ts';
import type { WorkspaceBase } from './workspace-base.ts';

/** What a push does. */
export interface PushPlan {
  /** What is sent. */
  readonly changes: Changes;
  /** Paths that the environment changed as well: they are left alone on both sides. */
  readonly conflicts: readonly string[];
}

/**
 * What this machine changed since both sides were the same, without what the environment changed as well; `changed` of the difference becomes what is sent. Errors: those
 * of `describePaths`.
 */
export async function planPush(
  ends: SyncEnds,
  base: WorkspaceBase,
  { changed, removed }: ManifestDifference,
): Promise<PushPlan> {
  if (base.host.size === 0) return { changes: { entries: changed, gone: new Manifest(base.table) }, conflicts: [] };
  return plan(base, { changed, removed }, await describePaths(ends, [changed, removed]));
}

/** The same where the environment changed none of the paths. */
export function planUnhindered(base: WorkspaceBase, difference: ManifestDifference): Changes {
  return plan(base, difference, base.environment).changes;
}

function plan(base: WorkspaceBase, { changed, removed }: ManifestDifference, there: Manifest): PushPlan {
  const gone = new Manifest(base.table);
  const conflicts = [];
  for (const path of [...findConflicts(base, changed, there)]) {
    changed.delete(path);
    conflicts.push(path);
  }
  for (const [path, entry] of changed) {
    const before = there.get(path);
    if (before !== undefined && before.type !== entry.type) gone.set(path, before);
  }
  for (const path of removed.paths()) {
    const entry = there.get(path);
    if (!isSame(base.environment.get(path), entry)) {
      if (entry !== undefined) conflicts.push(path);
    } else gone.set(path, entry ?? { type: 'special', mode: 0, size: 0, modifiedNs: 0n, changedNs: 0n, inode: 0n });
  }
  return { changes: { entries: changed, gone }, conflicts };
}

function* findConflicts(base: WorkspaceBase, paths: Manifest, there: Manifest): Generator<string, void, undefined> {
  for (const path of paths.paths()) if (!isSame(base.environment.get(path), there.get(path))) yield path;
}
