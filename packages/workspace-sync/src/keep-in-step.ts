import { watch } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { RecacError, type TransferReport } from '@recac/engine-core';

/** What keeping in step needs. */
export interface StepOptions {
  /** Directory of this machine, which is watched. */
  readonly directory: string;
  /** Brings what changed here to the environment. */
  readonly push: () => Promise<TransferReport>;
  /** Brings what changed there to this machine. */
  readonly pull: () => Promise<TransferReport>;
  /** Ends it; a transfer that is going on is finished. */
  readonly signal: AbortSignal;
  /** Time between two looks at the environment, in milliseconds. Default: 2 000. */
  readonly pullEveryMs?: number;
  /** Told about each transfer that moved something, or found a conflict. */
  readonly onMoved?: (direction: 'push' | 'pull', report: TransferReport) => void;
  /** Told about a transfer that failed; it is tried again with the next change. */
  readonly onProblem?: (error: unknown) => void;
}

/** An editor writes a file in several steps: so long nothing more may come before it is sent. */
const quietMs = 50;

/**
 * Keeps both sides in step: a change of this machine is sent as soon as the file system tells of it, one of the environment is looked for every two seconds. Resolves
 * when the signal fires, or the environment is gone.
 */
export async function keepInStep(options: StepOptions): Promise<void> {
  const { signal, pullEveryMs = 2_000 } = options;
  const ended = new AbortController();
  const changes = new Changes();
  const stop = AbortSignal.any([signal, ended.signal]);
  const watching = watchDirectory(options.directory, changes, stop);
  try {
    let pullAt = performance.now() + pullEveryMs;
    while (!signal.aborted) {
      const isDue = await changes.wait(Math.max(0, pullAt - performance.now()), stop);
      if (signal.aborted) break;
      if (isDue && (await move('push', options)) === 'gone') return;
      if (performance.now() < pullAt) continue;
      if ((await move('pull', options)) === 'gone') return;
      pullAt = performance.now() + pullEveryMs;
    }
  } finally {
    ended.abort();
    await watching;
  }
}

async function move(direction: 'push' | 'pull', options: StepOptions): Promise<'moved' | 'gone'> {
  try {
    const report = await options[direction]();
    if (report.changed + report.removed + report.conflicts.length > 0) options.onMoved?.(direction, report);
  } catch (error) {
    if (RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND') return 'gone';
    options.onProblem?.(error);
  }
  return 'moved';
}

async function watchDirectory(directory: string, changes: Changes, signal: AbortSignal): Promise<void> {
  try {
    for await (const { filename } of watch(directory, { recursive: true, signal }))
      if (filename === null || !/(^|\/)(\.git|\.recac-stage-[^/]*)(\/|$)/.test(filename)) changes.add();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Changes that nobody has sent yet. */
class Changes {
  #waiting: (() => void) | undefined;
  #isDirty = false;

  add(): void {
    this.#isDirty = true;
    this.#waiting?.();
  }

  /** Waits for a change, and then for a moment without one; false when the time is up. */
  async wait(limitMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#isDirty) await this.#next(limitMs, signal);
    if (!this.#isDirty) return false;
    do {
      this.#isDirty = false;
      await pause(quietMs, undefined, { signal }).catch(() => {});
    } while (this.#isDirty && !signal.aborted);
    return true;
  }

  async #next(limitMs: number, signal: AbortSignal): Promise<void> {
    const stopped = new AbortController();
    const changed = new Promise<void>((done) => {
      this.#waiting = done;
    });
    const timer = pause(limitMs, undefined, { signal: AbortSignal.any([signal, stopped.signal]) }).catch(() => {});
    await Promise.race([changed, timer]);
    stopped.abort();
    this.#waiting = undefined;
  }
}
