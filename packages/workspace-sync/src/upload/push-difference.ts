import { RecacError } from '@recac/engine-core';
import { Manifest } from '../manifest/manifest.ts';
import type { ManifestDifference } from '../manifest/manifest-comparison.ts';
import { toExpectedPaths } from './expected-paths.ts';
import { planPush, planUnhindered } from './plan-push.ts';
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
}

/**
 * Sends what this machine changed. A small change goes by one command, which first looks whether its paths are what they were when both sides were the same; if they are not, and for
 * a larger one, the environment is asked what they are. Errors: those of `sendChanges`, of `describePaths` and of `check`.
 */
export async function pushDifference(
  ends: SyncEnds,
  base: WorkspaceBase,
  difference: ManifestDifference,
  { unfinishedPath, check }: PushDifferenceOptions,
): Promise<Pushed> {
  const isFirst = base.host.size === 0;
  const expected = isFirst ? undefined : toExpectedPaths(base, difference);
  if (expected !== undefined) {
    const changes = planUnhindered(base, difference);
    await check(changes.entries);
    try {
      return { changes, conflicts: [], sent: await sendChanges(ends, changes, { unfinishedPath, expected }) };
    } catch (error) {
      if (!isOtherwise(error)) throw error;
    }
  }
  const { changes, conflicts } = await planPush(ends, base, difference);
  await check(changes.entries);
  if (changes.entries.size === 0 && changes.gone.size === 0)
    return { changes, conflicts, sent: { manifest: new Manifest(base.table), bytes: 0 } };
  return { changes, conflicts, sent: await sendChanges(ends, changes, { isFirst, unfinishedPath }) };
}

function isOtherwise(error: unknown): boolean {
  return RecacError.isInstance(error) && error.details.exitCode === receiveExit.otherwise;
}
