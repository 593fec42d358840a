import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { withEnvironment } from './with-environment.ts';

async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) yield new Uint8Array(65_536);
}

test.concurrent('a command that is ended while it is fed ends as what ended it, every time', async () => {
  await withEnvironment(async ({ engine, id }) => {
    for (let round = 0; round < 5; round += 1) {
      const { outcome } = await engine.exec(id, ['sleep', '20'], { stdin: endless(), timeoutMs: 300 });
      expect(outcome.type).toBe('timedOut');
      const { outcome: taken } = await engine.exec(id, ['sh', '-c', 'cat >/dev/null'], {
        stdin: endless(),
        timeoutMs: 300,
      });
      expect(taken.type).toBe('timedOut');
    }
  });
}, 60_000);

test.concurrent('a command that reads no more of an endless stdin ends by itself', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const { outcome } = await engine.exec(id, ['sh', '-c', 'head -c 1 >/dev/null; exec <&-; sleep 1'], {
      stdin: endless(),
    });
    expect(outcome).toEqual({ type: 'exited', code: 0 });
  });
}, 60_000);

test.concurrent('what was read of a command that is lost is in its result', async () => {
  await withEnvironment(async ({ engine, id, stateDirectory }) => {
    let pieces = 0;
    await using other = createLocalEngine({ stateDirectory });
    const { outcome, stdout } = await engine.exec(id, ['sh', '-c', 'seq 1 1000000; sleep 60'], {
      onStdout: async () => {
        pieces += 1;
        if (pieces === 1) await other.stopEnvironment(id);
        await setTimeout(10);
      },
    });
    expect(outcome.type).toBe('lost');
    expect(stdout.startsWith('1\n2\n')).toBe(true);
    await engine.startEnvironment({ sessionId: 'test' });
  });
}, 60_000);
