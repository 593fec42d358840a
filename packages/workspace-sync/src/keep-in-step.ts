import { setTimeout as pause } from 'node:timers/promises';
import { RecacError, type TransferReport } from '@recac/engine-core';
import { ChangeJournal } from './change-journal.ts';

/** What keeping in step needs. */
export interface StepOptions {
  /** Directory of this machine, which is watched. */
  readonly directory: string;
  /** Brings what changed here to the environment; `changedPaths` as of `WorkspaceStrategy.push`. */
  readonly push: (changedPaths: readonly string[] | undefined) => Promise<TransferReport>;
  /** Brings what changed there to this machine. */
  readonly pull: () => Promise<TransferReport>;
  /** Ends it; a transfer that is going on is finished. */
  readonly signal: AbortSignal;
  /** Time between two looks at the environment, in milliseconds. Default: 2 000. */
  readonly pullEveryMs?: number;
  /** Told about each transfer that moved something, or found a conflict. */
  readonly onMoved?: (direction: 'push' | 'pull', report: TransferReport) => void;
  /** Told about a transfer that failed; it is tried again with the next change, or look. */
  readonly onProblem?: (error: unknown) => void;
}

/** An editor writes a file in several steps: so long nothing more may come before it is sent. */
const quietMs = 50;

/** A file that is written all the time, such as a log, must not keep anything from moving: so long a quiet moment is waited for. */
const longestQuietMs = 1_000;

/** What the file system did not tell, for whatever reason, is found this often. */
const lookEverywhereMs = 30_000;

/**
 * Keeps both sides in step: a change of this machine is sent as soon as the file system tells of it, and only what it tells of is looked at; one of the environment is
 * looked for every two seconds. Resolves when the signal fires, or the environment is gone.
 */
export async function keepInStep(options: StepOptions): Promise<void> {
  const { signal, pullEveryMs = 2_000 } = options;
  using journal = new ChangeJournal(options.directory);
  let pullAt = performance.now() + pullEveryMs;
  let lookAt = 0;
  while (!signal.aborted) {
    await journal.wait(Math.max(0, pullAt - performance.now()), signal);
    await untilQuiet(journal, Math.min(pullAt, performance.now() + longestQuietMs), signal);
    if (signal.aborted) return;
    const isLook = performance.now() >= lookAt;
    if (isLook || !journal.isEmpty) {
      const paths = journal.take();
      const outcome = await move('push', () => options.push(isLook ? undefined : paths), options);
      if (outcome === 'gone') return;
      if (outcome === 'failed') lookAt = performance.now() + pullEveryMs;
      else if (isLook) lookAt = performance.now() + lookEverywhereMs;
    }
    if (performance.now() < pullAt) continue;
    if ((await move('pull', options.pull, options)) === 'gone') return;
    pullAt = performance.now() + pullEveryMs;
  }
}

/** Waits for a moment without a change, but not beyond `until`. */
async function untilQuiet(journal: ChangeJournal, until: number, signal: AbortSignal): Promise<void> {
  const isOver = (): boolean => signal.aborted || performance.now() >= until;
  for (let before = -1; journal.count !== before && !journal.isEmpty && !isOver(); ) {
    before = journal.count;
    await pause(quietMs, undefined, { signal }).catch(() => {});
  }
}

type Outcome = 'moved' | 'failed' | 'gone';

async function move(
  direction: 'push' | 'pull',
  work: () => Promise<TransferReport>,
  { onMoved, onProblem }: StepOptions,
): Promise<Outcome> {
  try {
    const report = await work();
    if (report.changed + report.removed + report.conflicts.length > 0) onMoved?.(direction, report);
    return 'moved';
  } catch (error) {
    if (RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND') return 'gone';
    onProblem?.(error);
    return 'failed';
  }
}
