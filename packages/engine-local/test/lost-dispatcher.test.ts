import { expect, test } from 'vitest';
import { isAlive, readAll, until, withEnvironment } from './with-environment.ts';

const command = ['sh', '-c', 'echo $PPID; echo early >&2; sleep 0.6; echo late; echo late >&2; exit 0'];

test('with its dispatcher killed, a command runs on, its output is complete, and its exit is lost', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const handle = await engine.spawn(id, command);
    let dispatcher = 0;
    let stdout = '';
    const reading = (async () => {
      for await (const piece of handle.stdout) {
        stdout += Buffer.from(piece).toString();
        if (dispatcher !== 0 || !stdout.includes('\n')) continue;
        dispatcher = Number.parseInt(stdout, 10);
        process.kill(dispatcher, 'SIGKILL');
      }
    })();
    const [, stderr, end] = await Promise.all([reading, readAll(handle.stderr), handle.wait()]);
    expect(end.outcome.type).toBe('lost');
    expect(end.exitCode).toBe(125);
    expect(stdout).toBe(`${dispatcher}\nlate\n`);
    expect(stderr.toString()).toBe('early\nlate\n');
    await until(() => !isAlive(dispatcher), 'the dispatcher is gone');
    expect((await engine.exec(id, ['echo', 'next'])).stdout).toBe('next\n');
  });
});

test('cancelling a command whose dispatcher was killed ends its processes', async () => {
  await withEnvironment(async ({ engine, id }) => {
    const handle = await engine.spawn(id, ['sh', '-c', 'echo $PPID $$; sleep 60']);
    let pids: number[] = [];
    for await (const piece of handle.stdout) {
      pids = Buffer.from(piece).toString().trim().split(' ').map(Number);
      break;
    }
    process.kill(pids[0] as number, 'SIGKILL');
    await handle.cancel();
    expect((await handle.wait()).outcome.type).toBe('cancelled');
    expect(isAlive(pids[1] as number)).toBe(false);
  });
});
