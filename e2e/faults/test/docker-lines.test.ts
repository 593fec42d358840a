import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test } from 'vitest';
import { createExec, stream } from '../src/docker-requests.ts';
import type { Fault } from '../src/fault.ts';
import { throughProxy } from '../src/through-proxy.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const numbers = (count: number, prefix = ''): string =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}\n`).join('');

describeDocker('lines between us and the daemon', ({ host }) => {
  test.each<[string, Fault]>([
    ['row 6: cut inside a frame', { type: 'truncate', afterBytes: 301 }],
    ['row 8: ended in order without a status', { type: 'truncate', afterBytes: 300, end: 'in order' }],
    ['trap 5: every byte alone', { type: 'split' }],
  ])(
    '%s: every byte and the code arrive',
    async (_, fault) => {
      await throughProxy(host, async ({ engine, proxy, start }) => {
        const id = await start();
        proxy.rules.add({ request: stream, fault, times: 2 });
        proxy.destroyAll();
        const { outcome, stdout } = await engine.exec(id, ['sh', '-c', 'seq 1 2000; exit 5']);
        expect(outcome).toEqual({ type: 'exited', code: 5 });
        expect(stdout).toBe(numbers(2_000));
        expect(proxy.requests.some((request) => createExec.test(request))).toBe(true);
      });
    },
    90_000,
  );

  test.each([0, 1, 5, 20, 80])(
    'invariant 3: a lane that was cut %i ms before a command: it runs, and once',
    async (ms) => {
      await throughProxy(host, async ({ engine, proxy, start }) => {
        const id = await start();
        for (let round = 1; round <= 5; round += 1) {
          proxy.destroyAll();
          await pause(ms);
          const { outcome } = await engine.exec(id, ['sh', '-c', `echo ${round} >>/tmp/ran; exit ${round}`]);
          expect(outcome).toEqual({ type: 'exited', code: round });
        }
        expect((await engine.exec(id, ['cat', '/tmp/ran'])).stdout).toBe(numbers(5));
      });
    },
    90_000,
  );

  test('row 6: every line is reset in the middle of output: every byte arrives, and the code', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      const script = 'i=0; while [ $i -lt 80 ]; do i=$((i+1)); echo $i; echo e$i >&2; sleep 0.03; done; exit 9';
      const running = engine.exec(id, ['sh', '-c', script]);
      for (let cut = 0; cut < 3; cut += 1) {
        await pause(500);
        proxy.destroyAll();
      }
      expect(await running).toMatchObject({
        outcome: { type: 'exited', code: 9 },
        stdout: numbers(80),
        stderr: numbers(80, 'e'),
      });
    });
  }, 60_000);

  test('row 7: every line goes silent and stays open: the command is followed over a new one', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      const script = 'i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 7';
      const running = engine.exec(id, ['sh', '-c', script]);
      await pause(1_000);
      proxy.silenceAll();
      expect(await running).toMatchObject({ outcome: { type: 'exited', code: 7 }, stdout: numbers(60) });
      expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
    });
  }, 120_000);

  test('row 7: the line of a terminal goes silent and stays open: its end is lost, and that is told', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      const terminal = { columns: 80, rows: 24 };
      const handle = await engine.spawn(id, ['sh', '-c', 'echo begun; sleep 3; exit 5'], { terminal });
      for await (const chunk of handle.stdout) if (Buffer.from(chunk).includes('begun')) break;
      proxy.silenceAll();
      expect(await handle.wait()).toMatchObject({
        outcome: { type: 'lost', reason: expect.stringContaining('silent') },
      });
    });
  }, 120_000);

  test('row 7: the line of a watch goes silent and stays open: later changes are told all the same', async () => {
    await throughProxy(host, async ({ engine, proxy, sessionId, start }) => {
      const seen: string[] = [];
      const stopped = new AbortController();
      const watching = (async () => {
        for await (const { type } of engine.watchEnvironments({ sessionId, signal: stopped.signal })) seen.push(type);
      })();
      const id = await start();
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(0);
      const events = proxy.requests.filter((request) => request.includes('/events')).length;
      proxy.silenceAll();
      const before = seen.length;
      await promisify(execFile)('docker', ['-H', host, 'rm', '--force', id]);
      await expect.poll(() => seen.length, { timeout: 80_000 }).toBeGreaterThan(before);
      const countEvents = () => proxy.requests.filter((request) => request.includes('/events')).length;
      await expect.poll(countEvents, { timeout: 10_000 }).toBeGreaterThan(events);
      stopped.abort();
      await watching;
    });
  }, 120_000);

  test('trap 7: a stream that is cut inside a frame never passes for an end', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.rules.add({
        request: /^POST \/v[\d.]+\/exec\//,
        fault: { type: 'truncate', afterBytes: 400 },
        times: 3,
      });
      const result = await engine.exec(id, ['sh', '-c', 'seq 1 20000; exit 5']);
      expect(result).toMatchObject({ outcome: { type: 'exited', code: 5 }, stdout: numbers(20_000) });
    });
  }, 60_000);

  test('trap 6: stdin that is written before anything has answered arrives whole, 25 of 25 times', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.rules.add({ request: stream, fault: { type: 'delay', ms: 30 }, times: 1_000 });
      const text = numbers(1_000);
      for (let round = 0; round < 25; round += 1)
        expect((await engine.exec(id, ['cat'], { stdin: text })).stdout).toBe(text);
    });
  }, 120_000);

  test('row 19: connections that are refused are an error of the engine, and later calls work', async () => {
    await throughProxy(host, async ({ engine, proxy, start }) => {
      const id = await start();
      proxy.refuse(true);
      proxy.destroyAll();
      await expect(engine.listEnvironments()).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
      proxy.refuse(false);
      expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
    });
  }, 60_000);
});
