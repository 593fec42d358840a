import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Limiter } from '../src/limiter.ts';

test('never more than the limit at a time, and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 20 }), async (limit, jobs) => {
      const limiter = new Limiter(limit);
      const order: number[] = [];
      let most = 0;
      const work = async (job: number): Promise<void> => {
        order.push(job);
        most = Math.max(most, limiter.held);
        await setImmediate();
      };
      await Promise.all(Array.from({ length: jobs }, (_, job) => limiter.run(() => work(job))));
      expect(order).toEqual(Array.from({ length: jobs }, (_, job) => job));
      expect(most).toBe(Math.min(limit, jobs));
      expect(limiter.held).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('giving up while waiting leaves the order of the others and takes no place', async () => {
  const limiter = new Limiter(1);
  const first = await limiter.acquire();
  const giveUp = new AbortController();
  const second = limiter.acquire(giveUp.signal);
  const third = limiter.acquire();
  giveUp.abort();
  await expect(second).rejects.toThrow(expect.objectContaining({ code: 'RECAC_ABORTED' }));
  first();
  (await third)();
  expect(limiter.held).toBe(0);
});

test('giving up after getting the place changes nothing', async () => {
  const limiter = new Limiter(1);
  const first = await limiter.acquire();
  const giveUp = new AbortController();
  const second = limiter.acquire(giveUp.signal);
  first();
  giveUp.abort();
  (await second)();
  expect(limiter.held).toBe(0);
});

test('a signal that has fired gets no place', async () => {
  const limiter = new Limiter(1);
  await expect((async () => limiter.acquire(AbortSignal.abort()))()).rejects.toThrow(
    expect.objectContaining({ code: 'RECAC_ABORTED' }),
  );
  expect(limiter.held).toBe(0);
});

test('releasing twice frees one place', async () => {
  const limiter = new Limiter(2);
  const release = await limiter.acquire();
  await limiter.acquire();
  release();
  release();
  expect(limiter.held).toBe(1);
});

test('work that throws gives its place back', async () => {
  const limiter = new Limiter(1);
  await expect(limiter.run(() => Promise.reject(new Error('broke')))).rejects.toThrow('broke');
  expect(limiter.held).toBe(0);
});

test.each([0, -1, 1.5, Number.NaN])('%d is no limit', (limit) => {
  expect(() => new Limiter(limit)).toThrow(TypeError);
});
