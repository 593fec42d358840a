import type { RawExit } from '@recac/engine-kit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { guardQuiet } from '../../src/stream/guard-quiet.ts';
import type { StreamProcess } from '../../src/stream/stream-process.ts';

// No issue numbers: a review found these by reading.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The second at which a process whose line is quiet is given up; undefined: not within ten minutes. */
async function findLoss(findExit: (second: number) => RawExit | undefined): Promise<number | undefined> {
  let lostAt: number | undefined;
  const second = (): number => performance.now() / 1_000 - startedAt;
  const startedAt = performance.now() / 1_000;
  const process = {
    quietMs: 600_000,
    exited: new Promise(() => {}),
    findExit: async () => findExit(second()),
    lose: () => {
      lostAt ??= second();
    },
  };
  guardQuiet(process as unknown as StreamProcess);
  await vi.advanceTimersByTimeAsync(600_000);
  return lostAt;
}

const fail = (details: object): never => {
  throw Object.assign(new Error('no answer'), details);
};

test('a quiet process that runs is left alone', async () => {
  expect(await findLoss(() => undefined)).toBeUndefined();
});

test('one that has ended is given up at the second look', async () => {
  expect(await findLoss(() => ({ type: 'exited', code: 0 }))).toBe(30);
  expect(await findLoss(() => fail({ statusCode: 404 }))).toBe(30);
});

test('a daemon that does not answer for four minutes ends nothing', async () => {
  expect(await findLoss((second) => (second < 255 ? fail({}) : undefined))).toBeUndefined();
});

test('one that does not answer for five minutes does', async () => {
  expect(await findLoss(() => fail({}))).toBe(315);
});
