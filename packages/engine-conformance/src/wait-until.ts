import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is true; rejects after `milliseconds`. */
export async function waitUntil(
  ask: () => Promise<boolean> | boolean,
  milliseconds: number,
  what: string,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${milliseconds} ms.`);
    await sleep(50);
  }
}
