import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { startClient } from './start-client.ts';
import { readAll, withStateDirectory } from './with-environment.ts';

const lines = 20_000;
const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "o $i"; echo "e $i" >&2; done; exit 7`;

function expected(prefix: string): string {
  return Array.from({ length: lines }, (_, index) => `${prefix} ${index + 1}\n`).join('');
}

test.each([1, 2, 3, 4, 5])('client killed in mid-output, time %d: every byte once on both streams', async () => {
  await withStateDirectory(async (stateDirectory) => {
    const client = await startClient({ stateDirectory, command: ['sh', '-c', script], feed: false });
    const { id, execId } = client;
    await setTimeout(Math.random() * 150);
    await client.kill();
    await using engine = createLocalEngine({ stateDirectory });
    const fromStdoutByte = Math.floor(Math.random() * 100);
    const handle = await engine.attachExec(id, execId, { fromStdoutByte });
    const [stdout, stderr, end] = await Promise.all([readAll(handle.stdout), readAll(handle.stderr), handle.wait()]);
    expect(stdout.toString() === expected('o').slice(fromStdoutByte)).toBe(true);
    expect(stderr.toString() === expected('e')).toBe(true);
    expect(end.outcome).toEqual({ type: 'exited', code: 7 });
    await engine.stopEnvironment(id);
  });
});

test('client killed while it feeds stdin: the command sees no end of file', async () => {
  await withStateDirectory(async (stateDirectory) => {
    const command = ['sh', '-c', 'while read -r line; do n=$((n+1)); [ $n = 1 ] && echo first; done; echo end of file'];
    const client = await startClient({ stateDirectory, command, feed: true });
    await setTimeout(100);
    await client.kill();
    await using engine = createLocalEngine({ stateDirectory });
    const handle = await engine.attachExec(client.id, client.execId);
    const reading = readAll(handle.stdout);
    const ended = await Promise.race([handle.wait(), setTimeout(1_000, 'waiting')]);
    expect(ended).toBe('waiting');
    await handle.cancel();
    expect((await reading).toString()).toBe('first\n');
    expect((await handle.wait()).outcome.type).toBe('cancelled');
    await engine.stopEnvironment(client.id);
  });
});
