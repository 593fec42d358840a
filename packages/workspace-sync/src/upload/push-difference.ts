import { RecacError } from '@recac/engine-core';
import { Manifest } from '../manifest/manifest.ts';
import type { ManifestDifference } from '../manifest/manifest-comparison.ts';
import { toExpectedPaths } from './expected-paths.ts';
import { type AgreedEntries, nothingAgreed, planPush, planUnhindered } from './plan-push.ts';
import { receiveExit } from './receive-script.ts';
import { type Changes, type Sent, type SyncEnds, sendChanges } from './send-changes.ts';
import type { WorkspaceBase } from './workspace-base.ts';

/** How to push. */
export interface PushDifferenceOptions {
  /** As for `sendChanges`. */
  readonly unfinishedPath: string;
  /** Asked before anything is sent; rejects when that is too much. */
  readonly check: (entries: Manifest) => Promise<void>;
}

/** What was pushed. */
export interface Pushed {
  /** What was to be sent. */
  readonly changes: Changes;
  /** Paths that the environment changed as well. */
  readonly conflicts: readonly string[];
  /** What was sent; nothing was when `changes` are empty. */
  readonly sent: Sent;
  /** What is the same on both sides without having been sent. */
  readonly agreed: AgreedEntries;
}

/**
 * Sends what this machine changed. The first time it goes by one command, which first looks whether the workspace is empty; so does a small change, where it looks whether its paths are what they were when both
 * sides were the same. If that is not so, and for a larger change, the environment is asked what they are. Errors: those of `sendChanges`, of `describePaths` and of `check`.
 */
export async function pushDifference(
  ends: SyncEnds,
  base: WorkspaceBase,
  difference: ManifestDifference,
  { unfinishedPath, check }: PushDifferenceOptions,
): Promise<Pushed> {
  const isFirst = base.host.size === 0;
  const nothing = { sent: { manifest: new Manifest(base.table), bytes: 0 }, agreed: nothingAgreed(base) };
  const expected = isFirst ? undefined : toExpectedPaths(base, difference);
  if (isFirst || expected !== undefined) {
    const changes = isFirst ? toFirst(base, difference) : planUnhindered(base, difference);
    if (isEmpty(changes)) return { changes, conflicts: [], ...nothing };
    await check(changes.entries);
    try {
      const sent = await sendChanges(ends, changes, { unfinishedPath, isFirst, ...(expected && { expected }) });
      return { ...nothing, changes, conflicts: [], sent };
    } catch (error) {
      if (!isOtherwise(error)) throw error;
    }
  }
  const planned = await planPush(ends, base, difference);
  await check(planned.changes.entries);
  if (isEmpty(planned.changes)) return { ...nothing, ...planned };
  return { ...planned, sent: await sendChanges(ends, planned.changes, { unfinishedPath }) };
}

function toFirst({ table }: WorkspaceBase, { changed }: ManifestDifference): Changes {
  return { entries: changed, gone: new Manifest(table) };
}

function isEmpty({ entries, gone }: Changes): boolean {
  return entries.size === 0 && gone.size === 0;
}

function isOtherwise(error: unknown): boolean {
  return RecacError.isInstance(error) && error.details.exitCode === receiveExit.otherwise;
}
