import { RecacError } from '@recac/engine-core';
import { Manifest } from '../manifest/manifest.ts';
import type { ManifestDifference } from '../manifest/manifest-comparison.ts';
import { toExpectedPaths } from './expected-paths.ts';
import { type AgreedEntries, nothingAgreed, planPush, planUnhindered } from './plan-push.ts';
import { receiveExit } from './receive-script.ts';
import { type Changes, type Sent, type SyncEnds, sendChanges } from './send-changes.ts';
import type { WorkspaceBase } from './workspace-base.ts';

/** The environment may change what is to be sent each time while it travels. */
const mostRounds = 5;

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
 * sides were the same. If that is not so, and for a larger change, the environment is asked what they are, and looks once more
 * when all has arrived whether they still are that. Where it has something of its own that what is sent cannot replace, the rest is sent. Errors: those of `sendChanges`, of `describePaths` and of `check`.
 */
export async function pushDifference(
  ends: SyncEnds,
  base: WorkspaceBase,
  difference: ManifestDifference,
  { unfinishedPath, check }: PushDifferenceOptions,
): Promise<Pushed> {
  const isFirst = base.host.size === 0;
  const nothing = { sent: { manifest: new Manifest(base.table), bytes: 0 }, agreed: nothingAgreed(base) };
  const conflicts = new Set<string>();
  const inTheWay = new Set<string>();
  const sending = { unfinishedPath, onUnsent: (path: string) => inTheWay.add(path) };
  const expected = isFirst ? undefined : toExpectedPaths(base, difference);
  if (isFirst || expected !== undefined) {
    const changes = isFirst ? toFirst(base, difference) : planUnhindered(base, difference);
    if (isEmpty(changes)) return { changes, conflicts: [], ...nothing };
    await check(changes.entries);
    try {
      const sent = await sendChanges(ends, changes, { ...sending, isFirst, ...(expected && { expected }) });
      return { ...nothing, changes, conflicts: [], sent };
    } catch (error) {
      if (!isOtherwise(error)) throw error;
      leaveOut(difference, inTheWay, conflicts);
    }
  }
  const agreed = nothingAgreed(base);
  for (let round = 1; ; round += 1) {
    const { changes, there, ...planned } = await planPush(ends, base, difference);
    for (const path of planned.conflicts) conflicts.add(path);
    for (const side of ['host', 'environment'] as const)
      for (const [path, entry] of planned.agreed[side]) agreed[side].set(path, entry);
    const pushed = { changes, conflicts: [...conflicts], agreed };
    await check(changes.entries);
    if (isEmpty(changes)) return { ...nothing, ...pushed };
    try {
      return { ...pushed, sent: await sendChanges(ends, changes, { ...sending, there }) };
    } catch (error) {
      if (!isOtherwise(error) || round === mostRounds) throw error;
      leaveOut(difference, inTheWay, conflicts);
    }
  }
}

function toFirst({ table }: WorkspaceBase, { changed }: ManifestDifference): Changes {
  return { entries: changed, gone: new Manifest(table) };
}

function isEmpty({ entries, gone }: Changes): boolean {
  return entries.size === 0 && gone.size === 0;
}

function isOtherwise(error: unknown): boolean {
  if (!RecacError.isInstance(error)) return false;
  const { exitCode } = error.details;
  return exitCode === receiveExit.otherwise || exitCode === receiveExit.inTheWay;
}

/** Takes out of a difference what is at and below paths where the environment has something of its own. */
function leaveOut(
  { changed, removed }: ManifestDifference,
  inTheWay: ReadonlySet<string>,
  conflicts: Set<string>,
): void {
  const isIn = (path: string): boolean => {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1))
      if (inTheWay.has(path.slice(0, end))) return true;
    return inTheWay.has(path);
  };
  for (const path of [...changed.paths()].filter(isIn)) {
    changed.delete(path);
    conflicts.add(path);
  }
  for (const path of [...removed.paths()].filter(isIn)) removed.delete(path);
}
