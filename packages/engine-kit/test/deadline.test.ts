import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Deadline, delay } from '../src/deadline.ts';

const dayMs = 86_400_000;

describe('with a clock that the test moves', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    vi.spyOn(performance, 'now').mockImplementation(() => Date.now());
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test('a limit beyond 24.8 days passes at its time, not at once', () => {
    const passed = vi.fn();
    const deadline = new Deadline(60 * dayMs);
    deadline.onPassed(passed);
    vi.advanceTimersByTime(59 * dayMs);
    expect(passed).not.toHaveBeenCalled();
    expect(deadline.remainingMs).toBeCloseTo(dayMs, -1);
    vi.advanceTimersByTime(dayMs + 1);
    expect(passed).toHaveBeenCalledTimes(1);
    expect(deadline.remainingMs).toBe(0);
  });

  test('taken back, also in its second stretch, it never calls', () => {
    const passed = vi.fn();
    const deadline = new Deadline(30 * dayMs);
    deadline.onPassed(passed);
    vi.advanceTimersByTime(29 * dayMs);
    deadline.clear();
    vi.advanceTimersByTime(30 * dayMs);
    expect(passed).not.toHaveBeenCalled();
  });

  test('a limit of Infinity never passes and holds no timer', () => {
    const deadline = new Deadline(Number.POSITIVE_INFINITY);
    deadline.onPassed(() => {});
    expect(vi.getTimerCount()).toBe(0);
    expect(deadline.remainingMs).toBe(Number.POSITIVE_INFINITY);
  });
});

test('a deadline passes once, not before its time', async () => {
  const deadline = new Deadline(30);
  let calls = 0;
  let remaining = -1;
  deadline.onPassed(() => {
    calls += 1;
    remaining = deadline.remainingMs;
  });
  await setTimeout(120);
  expect([calls, remaining]).toEqual([1, 0]);
});

test('a delay ends early and without an error when its signal fires', async () => {
  const controller = new AbortController();
  const deadline = new Deadline(20_000);
  const waiting = delay(20_000, controller.signal);
  controller.abort();
  await waiting;
  await delay(20_000, AbortSignal.abort());
  expect(deadline.elapsedMs).toBeLessThan(10_000);
});
