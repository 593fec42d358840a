// A process of its own, started with --expose-gc: `idle-memory.ts engine|sockets SMALL LARGE` prints the bytes of resident memory that one more costs.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { benchSpec, withDockerEngine } from './docker/docker-environment.ts';
import { execTrue } from './docker/exec-true.ts';
import { inParallel } from './docker/in-parallel.ts';

const [kind, small, large] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

async function settledMemory(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await pause(100);
  }
  return process.memoryUsage.rss();
}

/** Bytes that each of the further ones costs; the first ones have paid for code and caches. */
async function measure(open: (count: number) => Promise<void>): Promise<void> {
  await open(small);
  const before = await settledMemory();
  await open(large - small);
  console.log(((await settledMemory()) - before) / (large - small));
}

if (kind === 'engine') {
  await withDockerEngine((engine) =>
    measure((count) =>
      inParallel(count, 8, async () => {
        const { id } = await engine.startEnvironment(benchSpec());
        await execTrue(engine, id);
      }),
    ),
  );
} else {
  const directory = await mkdtemp(join(tmpdir(), 'recac-bench-'));
  const path = join(directory, 'socket');
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  const held: Socket[] = [];
  await measure((count) =>
    inParallel(count, 8, async () => {
      const socket = connect(path);
      held.push(socket);
      await once(socket, 'connect');
    }),
  );
  for (const socket of held) socket.destroy();
  await rm(directory, { recursive: true, force: true });
  process.exit(0);
}
