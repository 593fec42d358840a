import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FailureGrace } from '../src/environment/failure-grace.ts';
import type { StartFailure } from '../src/job/start-failure.ts';

const failure: StartFailure = {
  phase: 'pull',
  reason: 'RegistryUnreachable',
  message: 'no answer.',
  code: 'RECAC_IMAGE_PULL_FAILED',
  isFinal: false,
  graceMs: 45_000,
  evidence: [],
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Looks each second for so long. Gives after how many seconds it was over. */
function look(grace: FailureGrace, shown: StartFailure | undefined, seconds: number): number | undefined {
  for (let second = 0; second <= seconds; second += 1) {
    if (grace.isOver(shown)) return second;
    if (second < seconds) vi.advanceTimersByTime(1_000);
  }
  return undefined;
}

test('a failure is over when it has lasted as long as it may', () => {
  expect(look(new FailureGrace(), failure, 100)).toBe(46);
});

test('the time of a pull that goes on does not count, and that of failures before it does', () => {
  const grace = new FailureGrace();
  expect(look(grace, failure, 10)).toBeUndefined();
  expect(look(grace, undefined, 180)).toBeUndefined();
  expect(look(grace, failure, 100)).toBe(36);
});

test('each reason has its own time, and what is forgotten begins again', () => {
  const grace = new FailureGrace();
  expect(look(grace, failure, 40)).toBeUndefined();
  expect(look(grace, { ...failure, reason: 'NoSpace' }, 100)).toBe(46);
  grace.forget(failure);
  expect(look(grace, failure, 100)).toBe(46);
});
