import { setTimeout as delay } from 'node:timers/promises';
import { describeCluster } from '@recac/e2e-cluster';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/fault.ts';
import { exec, terminalExec } from '../../src/kubernetes/api-requests.ts';
import { openBehindApiProxy } from '../../src/kubernetes/through-api-proxy.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const numbers = (count: number, prefix = ''): string =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}\n`).join('');
const counting = (count: number, pause: number, code: number): string[] => [
  'sh',
  '-c',
  `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo $i; echo e$i >&2; sleep ${pause}; done; exit ${code}`,
];
const terminal = { columns: 80, rows: 24 };

describeCluster('lines between us and the API server', ({ kubeconfig }) => {
  let opened: Awaited<ReturnType<typeof openBehindApiProxy>>;
  let id: string;
  beforeAll(async () => {
    opened = await openBehindApiProxy(kubeconfig);
    id = await opened.given.start();
  });
  afterEach(() => opened.given.proxy.rules.clear());
  afterAll(() => opened.close());

  test.each<[string, Fault]>([
    ['row 6: cut inside a frame', { type: 'truncate', afterBytes: 701 }],
    ['row 8: ended in order, without a closing frame', { type: 'truncate', afterBytes: 701, end: 'in order' }],
    ['row 8: closed with 1000, without a status', { type: 'close', afterFrames: 5, code: 1000 }],
    ['row 8: closed with 1001, as by a server that stops', { type: 'close', afterFrames: 5, code: 1001 }],
    ['row 8: closed with 1011', { type: 'close', afterFrames: 5, code: 1011 }],
    ['the upgrade is answered 502', { type: 'answer', status: 502, message: 'bad gateway' }],
    ['the upgrade is lost', { type: 'lose' }],
    ['every byte alone', { type: 'split' }],
  ])('%s: every byte and the code arrive', async (_, fault) => {
    const { engine, proxy } = opened.given;
    proxy.rules.add({ request: exec, fault, times: 2 });
    proxy.destroyAll();
    const { outcome, stdout } = await engine.exec(id, ['sh', '-c', 'seq 1 2000; exit 5']);
    expect(outcome).toEqual({ type: 'exited', code: 5 });
    expect(stdout).toBe(numbers(2_000));
  });

  test('row 6: every line is reset in the middle of output, three times: every byte arrives, and the code', async () => {
    const { engine, proxy } = opened.given;
    const running = engine.exec(id, counting(80, 0.03, 9));
    for (let cut = 0; cut < 3; cut += 1) {
      await delay(600);
      proxy.destroyAll();
    }
    expect(await running).toMatchObject({
      outcome: { type: 'exited', code: 9 },
      stdout: numbers(80),
      stderr: numbers(80, 'e'),
    });
  });

  test('row 7: every line goes silent and stays open: that is noticed within 15 s; a command is followed over a new one, a terminal is lost', async () => {
    const { engine, proxy } = opened.given;
    await using handle = await engine.spawn(id, ['sh', '-c', 'echo begun; sleep 300'], { terminal });
    const running = engine.exec(id, counting(80, 0.05, 7));
    await delay(1_000);
    const before = proxy.requests.length;
    proxy.silenceAll();
    const silentAt = performance.now();
    // No limit of the machine's speed: what has to pass is a clock of ours.
    const atMost = 17_000;
    await vi.waitUntil(() => proxy.requests.slice(before).some((request) => exec.test(request)), { timeout: atMost });
    expect((await handle.wait()).outcome.type).toBe('lost');
    expect(performance.now() - silentAt).toBeLessThan(atMost);
    expect(await running).toMatchObject({ outcome: { type: 'exited', code: 7 }, stdout: numbers(80) });
    expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
  });

  test.each<[string, Fault]>([
    ['its status does not come, and the server closes with 1000', { type: 'strip', channel: 3 }],
    ['it is closed with 1000 before it ends', { type: 'close', afterFrames: 2, code: 1000 }],
  ])('row 8: a process without a record, %s: lost, no success', async (_, fault) => {
    const { engine, proxy } = opened.given;
    proxy.rules.add({ request: terminalExec, fault });
    await using handle = await engine.spawn(id, ['sh', '-c', 'echo begun; sleep 1; echo done'], { terminal });
    expect((await handle.wait()).outcome.type).toBe('lost');
  });

  test('row 8: what a terminal shall run does not arrive for certain: an error that says so, and nothing has run', async () => {
    const { engine, proxy } = opened.given;
    proxy.rules.add({ request: exec, fault: { type: 'strip', channel: 3 } });
    await expect(engine.spawn(id, ['touch', '/tmp/has-run'], { terminal })).rejects.toMatchObject({
      code: 'RECAC_EXEC_FAILED',
      message: expect.stringContaining('the line broke'),
    });
    expect((await engine.exec(id, ['ls', '/tmp'])).stdout).not.toContain('has-run');
  });

  test.each([0, 1, 5, 20, 80])(
    'invariant 3: a lane that was cut %i ms before a command: it runs, and once',
    async (ms) => {
      const { engine, proxy } = opened.given;
      for (let round = 1; round <= 5; round += 1) {
        proxy.destroyAll();
        await delay(ms);
        const { outcome } = await engine.exec(id, ['sh', '-c', `echo ${round} >>/tmp/ran-${ms}; exit ${round}`]);
        expect(outcome).toEqual({ type: 'exited', code: round });
      }
      expect((await engine.exec(id, ['cat', `/tmp/ran-${ms}`])).stdout).toBe(numbers(5));
    },
  );

  test('trap 6: stdin that is written while the upgrade is on its way arrives whole', async () => {
    const { engine, proxy } = opened.given;
    proxy.rules.add({ request: exec, fault: { type: 'delay', ms: 30 }, times: 1_000 });
    const text = numbers(1_000);
    for (let round = 0; round < 10; round += 1)
      expect((await engine.exec(id, ['cat'], { stdin: text })).stdout).toBe(text);
  });

  test('row 19: connections that are refused are an error of the engine, and later calls work', async () => {
    const { engine, proxy } = opened.given;
    proxy.refuse(true);
    proxy.destroyAll();
    await expect(engine.listEnvironments()).rejects.toMatchObject({ code: 'RECAC_ENGINE_UNAVAILABLE' });
    proxy.refuse(false);
    expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
  });
});
