import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { createDockerEngine } from '../src/index.ts';
import { busyboxImage } from './test-engine.ts';

/** Stands before the daemon; the connections that are open can go silent, as a dead router makes them. */
async function startSilentProxy(daemon: string) {
  const path = join(tmpdir(), `recac-silent-${process.pid}.sock`);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ path: daemon, allowHalfOpen: true });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    silence: () => {
      for (const socket of open) {
        socket.unpipe();
        socket.removeAllListeners('end');
        socket.resume();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await rm(path, { force: true });
    },
  };
}

describeDocker('row 7: a line goes silent without an end', ({ host }) => {
  test('the command is followed over a new line, every byte and its code arrive, and the next command runs', async () => {
    await using proxy = await startSilentProxy(new URL(host).pathname);
    await using engine = createDockerEngine({ host: proxy.host });
    const { id } = await engine.startEnvironment({ sessionId: 'half-open', image: busyboxImage });
    const script = 'i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 7';
    const running = engine.exec(id, ['sh', '-c', script]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    proxy.silence();
    const expected = Array.from({ length: 60 }, (_, index) => `${index + 1}\n`).join('');
    expect(await running).toMatchObject({ outcome: { type: 'exited', code: 7 }, stdout: expected });
    expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
    await engine.stopEnvironment(id);
  }, 90_000);
});
