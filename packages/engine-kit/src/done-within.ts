import { delay } from './deadline.ts';

/** Waits for work, but no longer than this: true when it was done by then. Leaves no timer, which would keep the process alive. Errors: those of the work. */
export async function doneWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([work.then(() => true), delay(milliseconds, over.signal).then(() => false)]);
  } finally {
    over.abort('done');
  }
}
