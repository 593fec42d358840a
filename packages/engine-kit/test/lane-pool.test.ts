import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RawProcess } from '../src/engine-driver.ts';
import { LanePool } from '../src/lane/lane-pool.ts';

/** A process whose line says nothing and never ends by itself, as one in a container that died while the process was being opened. */
class SilentProcess implements RawProcess {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly #exit = Promise.withResolvers<Awaited<RawProcess['exited']>>();
  readonly exited = this.#exit.promise;
  closed = false;

  signal(): void {}

  async resize(): Promise<void> {}

  close(): void {
    this.closed = true;
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.destroy();
    this.#exit.resolve({ type: 'lost', reason: 'closed' });
  }
}

/** `opening`: what the opening of a process waits for. Default: nothing. */
function createPool(opening = Promise.resolve()) {
  const processes: SilentProcess[] = [];
  const pool = new LanePool({
    environmentId: 'test',
    openProcess: async () => {
      await opening;
      const process = new SilentProcess();
      processes.push(process);
      return process;
    },
    place: { runDirectory: '/run' },
    user: undefined,
    recordLimitBytes: 1,
    maxLanes: 2,
    idleLaneMs: 1_000,
  });
  return { pool, processes };
}

async function untilOpened(processes: readonly SilentProcess[], count: number): Promise<void> {
  await expect.poll(() => processes.length).toBe(count);
}

test('closing ends whoever waits for a lane that never answers', async () => {
  const { pool, processes } = createPool();
  const waiting = Promise.allSettled([pool.control(), pool.acquire(undefined), pool.openStdin('/run/stdin', 'hold')]);
  await untilOpened(processes, 3);
  await pool.close({ isGone: true });
  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(processes.every(({ closed }) => closed)).toBe(true);
});

test('whoever finds the control lane broken shares one new one', async () => {
  const { pool, processes } = createPool();
  const first = Promise.allSettled([pool.control(), pool.control()]);
  await untilOpened(processes, 1);
  processes[0]?.stdout.end('ready\n');
  await first;
  processes[0]?.close();
  await processes[0]?.exited;
  const second = [pool.control(), pool.control(), pool.control()];
  await untilOpened(processes, 2);
  processes[1]?.stdout.write('ready\n');
  const [one, ...others] = await Promise.all(second);
  for (const other of others) expect(other).toBe(one);
  expect(processes).toHaveLength(2);
  await pool.close({ isGone: true });
});

test('what is opened while the pool closes is closed', async () => {
  const gate = Promise.withResolvers<void>();
  const { pool, processes } = createPool(gate.promise);
  const waiting = Promise.allSettled([pool.control(), pool.acquire(undefined)]);
  await setImmediate();
  await pool.close({ isGone: true });
  gate.resolve();
  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(processes.map(({ closed }) => closed)).toEqual([true, true]);
});

test('closing does not wait long for a control lane that says nothing, nor for a lane that does not go', async () => {
  for (const hasControl of [true, false]) {
    const { pool, processes } = createPool();
    const acquiring = pool.acquire(undefined);
    await untilOpened(processes, 1);
    processes[0]?.stdout.write('ready 1 2 1\n');
    const lane = await acquiring;
    if (hasControl) {
      const opening = pool.control();
      await untilOpened(processes, 2);
      processes[1]?.stdout.write('ready\n');
      await opening;
    }
    const segment = `${lane.name}-${lane.generation}`;
    lane.run(Buffer.from('true\n'));
    pool.give(lane, segment, true);
    pool.collected(segment, 1);
    const begin = performance.now();
    await pool.close();
    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(processes).toHaveLength(hasControl ? 2 : 1);
    expect(processes.every(({ closed }) => closed)).toBe(true);
  }
}, 20_000);

test('closing opens no control lane for a lane in which nothing ran: there is no record to remove', async () => {
  const { pool, processes } = createPool();
  const acquiring = pool.acquire(undefined);
  await untilOpened(processes, 1);
  processes[0]?.stdout.write('ready 1 2 1\n');
  const lane = await acquiring;
  const segment = `${lane.name}-${lane.generation}`;
  pool.give(lane, segment, true);
  pool.collected(segment, 0);
  const closing = pool.close();
  await setImmediate();
  expect(processes).toHaveLength(1);
  await closing;
  expect(processes[0]?.closed).toBe(true);
});
