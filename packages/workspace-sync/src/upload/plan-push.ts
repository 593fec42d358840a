import { compareManifests, isSame, type Manifest, type ManifestDifference } from '../manifest/manifest.ts';
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
 * What this machine changed since both sides were the same, without what the environment changed as well. `here`: what this machine has at the paths that are looked at,
 * `before` what it had there. Errors: those of `describePaths`.
 */
export async function planPush(
  ends: SyncEnds,
  base: WorkspaceBase,
  { before, here }: { readonly before: Manifest; readonly here: Manifest },
): Promise<PushPlan> {
  const difference = compareManifests(before, here);
  const isFirst = base.host.size === 0;
  const touched = [...difference.changed, ...difference.removed];
  const there = isFirst ? base.environment : await describePaths(ends, touched);
  const conflicts = new Set(touched.filter((path) => !isSame(base.environment.get(path), there.get(path))));
  return {
    changes: toChanges(difference, { base, here, there, conflicts }),
    conflicts: [...conflicts].filter((path) => there.has(path) || !difference.removed.includes(path)),
  };
}

interface Sides {
  readonly base: WorkspaceBase;
  readonly here: Manifest;
  readonly there: Manifest;
  readonly conflicts: ReadonlySet<string>;
}

function toChanges({ changed, removed }: ManifestDifference, { base, here, there, conflicts }: Sides): Changes {
  const entries = [];
  const gone = removed.filter((path) => !conflicts.has(path));
  for (const path of changed) {
    const entry = here.get(path);
    if (entry === undefined || conflicts.has(path)) continue;
    entries.push([path, entry] as const);
    const before = there.get(path);
    if (before !== undefined && before.type !== entry.type) gone.push(path);
  }
  const isDirectory = (path: string): boolean => base.environment.get(path)?.type === 'directory';
  return {
    entries,
    removedFiles: gone.filter((path) => !isDirectory(path)),
    removedDirectories: gone.filter(isDirectory).sort().reverse(),
  };
}
