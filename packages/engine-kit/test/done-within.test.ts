import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { doneWithin } from '../src/done-within.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('work that is done in time, or fails, leaves no timer', async () => {
  expect(await doneWithin(Promise.resolve(false), 5_000)).toBe(true);
  await expect(doneWithin(Promise.reject(new Error('failed')), 5_000)).rejects.toThrow('failed');
  expect(vi.getTimerCount()).toBe(0);
});

test('work that takes longer is waited for no more', async () => {
  const waiting = doneWithin(new Promise(() => {}), 5_000);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await waiting).toBe(false);
});
