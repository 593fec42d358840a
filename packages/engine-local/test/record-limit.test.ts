import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findShells } from './find-shells.ts';
import { withEnvironment } from './with-environment.ts';

/** Bytes of which no two stretches are alike, so that a wrong prefix shows. */
const pattern = Array.from({ length: 30_000 }, (_, index) => `${index}\n`).join('');

test.each([1, 1_000, 65_535, 65_536, 65_537, 100_000])('record limit of %d bytes', async (limit) => {
  await withEnvironment(
    async ({ engine, id }) => {
      const command = ['sh', '-c', 'seq 0 29999; seq 0 9 >&2; echo over >&2; exit 5'];
      const result = await engine.exec(id, command);
      expect(result.outcome).toEqual({ type: 'exited', code: 5 });
      expect(result.stdout === pattern.slice(0, limit)).toBe(true);
      const stderr = `${pattern.slice(0, 20)}over\n`;
      expect(result.stderr).toBe(stderr.slice(0, limit));
      expect(result.droppedBytes).toBe(pattern.length - limit + Math.max(0, stderr.length - limit));
      expect([result.stdoutBytes, result.stderrBytes]).toEqual([pattern.length, stderr.length]);
      expect(result.truncated).toBe(true);
      const next = await engine.exec(id, ['printf', 'y']);
      expect([next.stdout, next.droppedBytes, next.truncated]).toEqual(['y', 0, false]);
    },
    { recordLimitBytes: limit },
  );
});

test.each(findShells().filter(({ missing }) => !missing))(
  'under $name, far beyond the limit the prefix is exact, the count a lower bound, and the lane usable',
  async ({ argv }) => {
    await withEnvironment(
      async ({ engine, id }) => {
        const written = 4 * 1_048_576;
        const command = ['sh', '-c', `head -c ${written} /dev/zero; echo done >&2; exit 4`];
        const result = await engine.exec(id, command);
        expect(result.outcome).toEqual({ type: 'exited', code: 4 });
        expect([result.stdoutData.length, result.stderr]).toEqual([1_000, 'done\n']);
        expect(result.stdoutBytes).toBe(1_000 + result.droppedBytes);
        expect(result.stdoutBytes).toBeLessThanOrEqual(written);
        expect(result.stdoutBytes).toBeGreaterThan(written - 131_072);
        const next = await engine.exec(id, ['printf', 'y']);
        expect([next.stdout, next.droppedBytes, next.truncated]).toEqual(['y', 0, false]);
      },
      { shell: argv, recordLimitBytes: 1_000 },
    );
  },
);

test('writes of any size around the limit: prefix and count are exact', async () => {
  await withEnvironment(
    async ({ engine, id }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 12 }), async (sizes) => {
          const writes = sizes.map((size, index) => String.fromCharCode(97 + index).repeat(size));
          const result = await engine.exec(id, ['sh', '-c', 'for w; do printf %s "$w"; done', 'sh', ...writes]);
          const whole = writes.join('');
          expect(result.stdout).toBe(whole.slice(0, 300));
          expect(result.droppedBytes).toBe(Math.max(0, whole.length - 300));
          expect(result.truncated).toBe(whole.length > 300);
        }),
        { numRuns: 40 },
      );
    },
    { recordLimitBytes: 300 },
  );
});

test('100 000 small writes below the limit are all there', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const script = 'i=0; while [ $i -lt 100000 ]; do echo $i; i=$((i+1)); done';
    const result = await engine.exec(id, ['sh', '-c', script]);
    expect(result.stdout === Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join('')).toBe(true);
    expect([result.droppedBytes, result.truncated]).toEqual([0, false]);
  });
});

test.each(findShells().filter(({ missing }) => !missing))(
  'under $name, a command that writes more often than the limit has blocks is not cut off',
  async ({ argv }) => {
    await withEnvironment(
      async ({ engine, id }) => {
        const script = 'i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); sleep 0.002; done';
        const result = await engine.exec(id, ['sh', '-c', script]);
        expect(result.outcome).toEqual({ type: 'exited', code: 0 });
        expect(result.stdout).toBe(Array.from({ length: 100 }, (_, index) => `${index}\n`).join(''));
        expect([result.droppedBytes, result.truncated]).toEqual([0, false]);
      },
      { shell: argv, recordLimitBytes: 1_048_576 },
    );
  },
);
