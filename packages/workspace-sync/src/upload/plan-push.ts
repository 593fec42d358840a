import { Manifest } from '../manifest/manifest.ts';
import type { ManifestDifference } from '../manifest/manifest-comparison.ts';
import { isSame } from '../manifest/manifest-entry.ts';
import { findSameContent } from './same-content.ts';
import { type Changes, describePaths, type SyncEnds } from './send-changes.ts';
import type { WorkspaceBase } from './workspace-base.ts';

/** What a push does. */
export interface PushPlan {
  /** What is sent. */
  readonly changes: Changes;
  /** Paths that the environment changed as well: they are left alone on both sides. */
  readonly conflicts: readonly string[];
  /** What came to be the same on both sides without having been sent. */
  readonly agreed: AgreedEntries;
  /** What the environment said of all the paths. */
  readonly there: Manifest;
}

/** Paths that are the same on both sides. */
export interface AgreedEntries {
  /** What they are on this machine. */
  readonly host: Manifest;
  /** What they are in the environment. */
  readonly environment: Manifest;
}

/** No such paths. */
export function nothingAgreed({ table }: WorkspaceBase): AgreedEntries {
  return { host: new Manifest(table), environment: new Manifest(table) };
}

/**
 * What this machine changed since both sides were the same, without what the environment changed as well; `changed` of the difference becomes what is sent. What became the same on both
 * sides is no conflict: a workspace may outlive what this machine knew of it, and the answer to a push may be lost. Errors: those of `describePaths`.
 */
export async function planPush(
  ends: SyncEnds,
  base: WorkspaceBase,
  { changed, removed }: ManifestDifference,
): Promise<PushPlan> {
  const there = await describePaths(ends, [changed, removed]);
  const agreed = await takeAgreed(ends, base, { changed, there });
  return { ...plan(base, { changed, removed }, there), agreed, there };
}

/** The same where the environment changed none of the paths. */
export function planUnhindered(base: WorkspaceBase, difference: ManifestDifference): Changes {
  return plan(base, difference, base.environment).changes;
}

async function takeAgreed(
  ends: SyncEnds,
  base: WorkspaceBase,
  { changed, there }: { readonly changed: Manifest; readonly there: Manifest },
): Promise<AgreedEntries> {
  const agreed = nothingAgreed(base);
  const unknown = new Manifest(base.table);
  for (const [path, entry] of changed) {
    const now = there.get(path);
    if (now !== undefined && !isSame(base.environment.get(path), now)) unknown.set(path, entry);
  }
  for (const [path, entry] of await findSameContent(ends, unknown, there)) {
    agreed.environment.set(path, entry);
    agreed.host.set(path, unknown.get(path) ?? entry);
    changed.delete(path);
  }
  return agreed;
}

function plan(
  base: WorkspaceBase,
  { changed, removed }: ManifestDifference,
  there: Manifest,
): Omit<PushPlan, 'agreed' | 'there'> {
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
  for (const [path, { type }] of paths) {
    const other = there.get(path);
    const isCommonDirectory = type === 'directory' && other?.type === 'directory';
    if (!isCommonDirectory && !isSame(base.environment.get(path), other)) yield path;
  }
}
