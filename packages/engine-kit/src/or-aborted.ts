import { abortedError } from '@recac/engine-core';

/** Waits for work that others may wait for too: giving up does not end it. Errors: those of the work, `RECAC_ABORTED` that names `what`. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(abortedError(what, signal.reason));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
