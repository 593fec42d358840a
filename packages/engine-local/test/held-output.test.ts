import { expect, test } from 'vitest';
import { withEnvironment } from './with-environment.ts';

test('a background child that keeps stdout holds up no result', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const times: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const result = await engine.exec(id, ['sh', '-c', 'sleep 60 & echo done']);
      expect([result.stdout, result.exitCode, result.outputHeldOpen]).toEqual(['done\n', 0, true]);
      times.push(result.durationMs);
    }
    const median = times.sort((one, other) => one - other)[5] as number;
    expect(median).toBeLessThan(1_000);
  });
});

test('what a background child writes later is in no result, neither its own nor another', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const first = await engine.exec(id, ['sh', '-c', '(sleep 0.3; echo late; echo late >&2) & echo done']);
    expect(first.stdout).toBe('done\n');
    const next = await engine.exec(id, ['sh', '-c', 'sleep 0.5; echo next']);
    expect([next.stdout, next.stderr]).toEqual(['next\n', '']);
  });
});
