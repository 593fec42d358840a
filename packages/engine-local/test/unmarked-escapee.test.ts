import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive, withEnvironment } from './with-environment.ts';

test('cancelling ends a process that has left the group and carries no marker, but writes to the output', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const handle = await engine.spawn(id, ['sh', '-c', 'env -i setsid sleep 60 & echo $!; wait']);
    let escapee = 0;
    for await (const piece of handle.stdout) {
      escapee = Number(Buffer.from(piece).toString());
      break;
    }
    // Its id is said before it has left the group and its variables behind.
    await expect.poll(() => readFileSync(`/proc/${escapee}/comm`, 'latin1'), { timeout: 10_000 }).toBe('sleep\n');
    await handle.cancel();
    expect(await handle.wait()).toMatchObject({
      outcome: { type: 'cancelled' },
      outputHeldOpen: false,
      killed: { signal: 'SIGTERM', escapees: 1, survivors: [] },
    });
    expect(isAlive(escapee)).toBe(false);
  });
});
