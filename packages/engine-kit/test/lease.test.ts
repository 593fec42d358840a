import { RecacError } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LeaseKeeper } from '../src/lease.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a fresh lease is first renewed after a thirtieth of it, then three times per lease', () => {
  const renew = vi.fn(async () => {});
  const keeper = new LeaseKeeper(30_000, renew, { lastRenewal: 'started' });
  vi.advanceTimersByTime(999);
  expect(renew).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(renew).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(20_000);
  expect(renew).toHaveBeenCalledTimes(3);
  keeper.stop();
  vi.advanceTimersByTime(60_000);
  expect(renew).toHaveBeenCalledTimes(3);
});

test('a lease that the request of a command has renewed is next renewed after a third of it, with another token', () => {
  const renew = vi.fn(async (_token: string) => {});
  const keeper = new LeaseKeeper(30_000, renew, { lastRenewal: 'carried' });
  vi.advanceTimersByTime(9_999);
  expect(renew).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(renew).toHaveBeenCalledTimes(1);
  expect(renew).not.toHaveBeenCalledWith(keeper.carriedToken);
  keeper.stop();
});

test('any other lease is renewed at once, because it may be about to end', () => {
  const renew = vi.fn(async () => {});
  const keeper = new LeaseKeeper(900_000, renew);
  expect(renew).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(30_000);
  expect(renew).toHaveBeenCalledTimes(2);
  keeper.stop();
});

test('a renewal that fails does not end the renewing', async () => {
  const renew = vi.fn(() => Promise.reject(new Error('the line broke')));
  const keeper = new LeaseKeeper(3_000, renew);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(renew).toHaveBeenCalledTimes(3);
  keeper.stop();
});

test('a renewal that finds the environment gone is the last, and tells so once', async () => {
  const renew = vi.fn(() => Promise.reject(new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', 'it is gone.')));
  const onGone = vi.fn();
  new LeaseKeeper(3_000, renew, { lastRenewal: 'started', onGone });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew).toHaveBeenCalledTimes(1);
  expect(onGone).toHaveBeenCalledTimes(1);
});
