import { RecacError } from '@recac/engine-core';
import { isPassing } from './daemon-error.ts';

/** Removes something of ours. False: it is not there, or not yet. */
export type LateRemoval = () => Promise<boolean>;

/** What may be cut short while the daemon makes something. */
export interface MakingContext {
  /** Cancels it. */
  readonly signal: AbortSignal;
  /** Called with the removal of what the daemon may still make, though nobody waits for it any more. */
  readonly onLate: (remove: LateRemoval) => void;
}

/** As long as the daemon is given to make a container. */
const longestMs = 120_000;
const longestPauseMs = 5_000;

/** True for a call that the daemon may have got, and still carry out, though its answer did not come. */
export function isUnanswered(error: unknown): boolean {
  if (RecacError.isInstance(error) && (error.code === 'RECAC_ABORTED' || error.details.stuck === true)) return true;
  return isPassing(error) || isPassing((error as { readonly cause?: unknown }).cause ?? {});
}

/** Looks again, ever more slowly, for what may still arrive, and removes it; until `signal` fires. Keeps no process alive. */
export async function removeLateArrival(remove: LateRemoval, signal: AbortSignal): Promise<void> {
  const giveUpAt = performance.now() + longestMs;
  for (
    let pauseMs = 100;
    performance.now() < giveUpAt && !signal.aborted;
    pauseMs = Math.min(2 * pauseMs, longestPauseMs)
  ) {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, pauseMs).unref();
    });
    if (signal.aborted) return;
    if (await remove().catch(() => false)) return;
  }
}
