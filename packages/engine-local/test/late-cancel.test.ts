import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { isAlive, withEnvironment } from './with-environment.ts';

test('cancelling a command that has ended does nothing to the next one in its lane, nor to what it left behind', async () => {
  await withEnvironment(async ({ engine: owner, id, stateDirectory }) => {
    const first = await owner.spawn(id, ['sh', '-c', 'sleep 60 >/dev/null 2>&1 & echo $!']);
    let leftBehind = 0;
    for await (const piece of first.stdout) leftBehind = Number(Buffer.from(piece).toString());
    await first.wait();
    const next = await owner.spawn(id, ['sh', '-c', 'sleep 1; exit 3']);
    expect(next.execId.slice(0, -2)).toBe(first.execId.slice(0, -2));
    await using other = createLocalEngine({ stateDirectory });
    const attached = await other.attachExec(id, first.execId);
    await attached.cancel();
    expect(await attached.wait()).toMatchObject({ outcome: { type: 'exited', code: 0 } });
    expect((await next.wait()).outcome).toEqual({ type: 'exited', code: 3 });
    expect(isAlive(leftBehind)).toBe(true);
  });
});
