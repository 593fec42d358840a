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
    expect(isAlive(escapee)).toBe(true);
    await handle.cancel();
    expect(await handle.wait()).toMatchObject({
      outcome: { type: 'cancelled' },
      outputHeldOpen: false,
      killed: { signal: 'SIGTERM', escapees: 1, survivors: [] },
    });
    expect(isAlive(escapee)).toBe(false);
  });
});
