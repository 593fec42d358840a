import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Background } from '../../src/daemon/background.ts';
import { removeLateArrival } from '../../src/daemon/late-arrival.ts';

// No issue numbers: a review found these by reading.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Milliseconds that a close waits, so long after something was cancelled that the daemon shows from `arrivesMs` on; and whether that was removed. */
async function closeAfter(pauseMs: number, remove: (ageMs: number) => Promise<boolean>) {
  const background = new Background();
  const beganAt = performance.now();
  let isRemoved = false;
  const look = async (): Promise<boolean> => {
    isRemoved = await remove(performance.now() - beganAt);
    return isRemoved;
  };
  background.add(removeLateArrival(look, background));
  await vi.advanceTimersByTimeAsync(pauseMs);
  const closedAt = performance.now();
  const waited = background.settle(2_000).then(() => performance.now() - closedAt);
  await vi.advanceTimersByTimeAsync(5_000);
  return { waitedMs: await waited, isRemoved };
}

test('a close waits no longer once the daemon did not have it three times', async () => {
  expect(await closeAfter(0, async () => false)).toEqual({ waitedMs: 700, isRemoved: false });
  expect(await closeAfter(10_000, async () => false)).toEqual({ waitedMs: 0, isRemoved: false });
});

test('a close waits for what arrives soon', async () => {
  expect(await closeAfter(0, async (ageMs) => ageMs > 500)).toEqual({ waitedMs: 700, isRemoved: true });
});

test('a daemon that does not answer is waited for until the limit', async () => {
  const fail = async (): Promise<boolean> => {
    throw new Error('no answer');
  };
  expect((await closeAfter(10_000, fail)).waitedMs).toBe(2_000);
});
