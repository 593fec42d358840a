import { RecacError } from '@recac/engine-core';
import { isPassing } from './daemon-error.ts';
import { pause } from './pause.ts';

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
/** The third look is 0.7 s after the connection was closed: a daemon that still makes something has mostly made it by then. */
const enoughMisses = 3;

/** True for a call that the daemon may have got, and still carry out, though its answer did not come. */
export function isUnanswered(error: unknown): boolean {
  if (RecacError.isInstance(error) && (error.code === 'RECAC_ABORTED' || error.details.stuck === true)) return true;
  return isPassing(error) || isPassing((error as { readonly cause?: unknown }).cause ?? {});
}

/** What a removal of something late goes on until. */
export interface LateContext {
  /** Nothing is asked any more once it fires. */
  readonly signal: AbortSignal;
  /** Once it fires, what the daemon did not have several times is taken for what never comes; whoever lists removes what comes all the same. */
  readonly closing: AbortSignal;
}

/** Looks again, ever more slowly, for what may still arrive, and removes it. Keeps no process alive. */
export async function removeLateArrival(remove: LateRemoval, { signal, closing }: LateContext): Promise<void> {
  const giveUpAt = performance.now() + longestMs;
  let misses = 0;
  for (let pauseMs = 100; performance.now() < giveUpAt; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    await pause(pauseMs, misses < enoughMisses ? signal : closing);
    if (signal.aborted || (closing.aborted && misses >= enoughMisses)) return;
    const found = await remove().catch(() => undefined);
    if (found === true) return;
    if (found === false) misses += 1;
  }
}
