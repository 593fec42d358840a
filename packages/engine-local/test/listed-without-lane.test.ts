import { expect, test } from 'vitest';
import { isAlive, until, withEnvironment } from './with-environment.ts';

test('a list says how much a command has written, also once its dispatcher, and then the command itself, has been killed', async () => {
  await withEnvironment(async ({ engine, id }) => {
    await engine.exec(id, ['echo', 'of the command before']);
    const handle = await engine.spawn(id, ['sh', '-c', 'echo $PPID $$; echo error >&2; exec sleep 60']);
    let text = '';
    for await (const piece of handle.stdout) {
      text += Buffer.from(piece).toString();
      if (text.endsWith('\n')) break;
    }
    const [dispatcher = 0, command = 0] = text.trim().split(' ').map(Number);
    const sizes = { execId: handle.execId, stdoutBytes: text.length, stderrBytes: 6 };
    await expect.poll(() => engine.listExecs(id)).toMatchObject([{ ...sizes, state: 'running' }]);
    process.kill(dispatcher, 'SIGKILL');
    await until(() => !isAlive(dispatcher), 'the dispatcher is gone');
    expect(await engine.listExecs(id)).toMatchObject([{ ...sizes, state: 'running' }]);
    process.kill(command, 'SIGKILL');
    expect((await handle.wait()).outcome.type).toBe('lost');
    expect(await engine.listExecs(id)).toMatchObject([{ ...sizes, state: 'ended', outcome: { type: 'lost' } }]);
  });
});
