import { expect, test } from 'vitest';
import { readAll, withEnvironment } from './with-environment.ts';

const gibibyte = 1_073_741_824;

test('1 GiB that nobody reads: the command ends and the client does not grow', async () => {
  await withEnvironment(async ({ engine, id }) => {
    await engine.exec(id, ['true']);
    const before = process.memoryUsage().rss;
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 50);
    const handle = await engine.spawn(id, ['head', '-c', String(gibibyte), '/dev/zero']);
    const end = await handle.wait();
    clearInterval(timer);
    expect(end.outcome).toEqual({ type: 'exited', code: 0 });
    expect(end.stdoutBytes).toBe(gibibyte);
    expect((most - before) / 1_048_576).toBeLessThan(32);
    await handle.detach();
  });
});

test('output that nobody has read before the environment is stopped cannot be read any more, and says so at once', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const handle = await engine.spawn(id, ['head', '-c', '2000000', '/dev/zero']);
    await handle.wait();
    await engine.stopEnvironment(id);
    await expect(readAll(handle.stdout)).rejects.toMatchObject({
      code: 'RECAC_EXEC_FAILED',
      details: { nextByte: 0 },
    });
  });
}, 20_000);
