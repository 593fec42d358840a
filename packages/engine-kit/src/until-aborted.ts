import { abortedError } from '@recac/engine-core';

/** Waits for work that others may wait for too: whoever gives up does not end it. `what` completes "… was cancelled". Errors: `RECAC_ABORTED`. */
export function untilAborted<T>(work: Promise<T>, what: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(abortedError(what, signal.reason));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
