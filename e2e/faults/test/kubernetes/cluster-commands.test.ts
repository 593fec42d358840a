import { setTimeout as delay } from 'node:timers/promises';
import { describeCluster } from '@recac/e2e-cluster';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openBehindApiProxy, throughApiProxy } from '../../src/kubernetes/through-api-proxy.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

/** A string that doubles until there is no room for it. */
const greedy = 'a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done';
const podPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;

describeCluster('commands that misbehave on Kubernetes', ({ kubeconfig }) => {
  let opened: Awaited<ReturnType<typeof openBehindApiProxy>>;
  let id: string;
  beforeAll(async () => {
    opened = await openBehindApiProxy(kubeconfig);
    id = await opened.given.start();
  });
  afterAll(() => opened.close());

  test('row 11: a flood without a newline is cut at the cap and counted, and the next command runs', async () => {
    const { engine } = opened.given;
    const bytes = 2 ** 28;
    const flood = await engine.exec(id, ['sh', '-c', `head -c ${bytes} /dev/zero; exit 3`], { maxOutputBytes: 1_000 });
    expect(flood).toMatchObject({ outcome: { type: 'exited', code: 3 }, truncated: true, stdoutBytes: bytes });
    expect(flood.stdout).toHaveLength(1_000);
    expect((await engine.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n');
  });

  test('row 12: a background child that holds stdout does not hold up the result', async () => {
    const { outcome, stdout, outputHeldOpen } = await opened.given.engine.exec(
      id,
      ['sh', '-c', 'sleep 600 & echo done'],
      { timeoutMs: 20_000 },
    );
    expect({ outcome, stdout, outputHeldOpen }).toEqual({
      outcome: { type: 'exited', code: 0 },
      stdout: 'done\n',
      outputHeldOpen: true,
    });
  });

  test('row 13: a command that ignores SIGTERM is killed after the grace, with its children', async () => {
    const { engine } = opened.given;
    const command = ['sh', '-c', 'trap "" TERM; sleep 4321 & while :; do sleep 1; done'];
    const { outcome } = await engine.exec(id, command, { timeoutMs: 1_000, killGraceMs: 500 });
    expect(outcome).toMatchObject({ type: 'timedOut', limit: 'total' });
    expect((await engine.exec(id, ['sh', '-c', 'grep -l "sleep.432[1]" /proc/[0-9]*/cmdline'])).stdout).toBe('');
  });

  test('trap 11: what cannot be run says so by its code, and what is wrong before it by its field', async () => {
    const { engine } = opened.given;
    expect(await engine.exec(id, ['no-such-program'])).toMatchObject({ exitCode: 127 });
    expect(await engine.exec(id, ['/etc'])).toMatchObject({ exitCode: 126 });
    await expect(engine.exec(id, ['true'], { workingDirectory: '/no/such' })).rejects.toMatchObject({
      code: 'RECAC_INVALID_ARGUMENT',
      details: { field: 'workingDirectory' },
    });
  });

  test('row 14: at the limit of processes a command says that it cannot fork, and the environment can be stopped', async () => {
    await throughApiProxy(kubeconfig, async ({ engine, start, left }) => {
      const full = await start();
      const script = 'i=0; while [ $i -lt 1100 ]; do sleep 600 & i=$((i+1)); done; echo all';
      const result = await engine.exec(full, ['sh', '-c', script], { timeoutMs: 40_000 });
      expect(result.stdout).not.toContain('all');
      expect(result.outcome).not.toEqual({ type: 'exited', code: 0 });
      if (result.outcome.type === 'exited') expect(result.stderr).toMatch(/fork/);
      await engine.stopEnvironment(full);
      expect((await left()).filter((name) => name.startsWith('pod/'))).toEqual([]);
    });
  });

  test('row 15: a command that takes too much memory is killed, and the result says why', async () => {
    await throughApiProxy(kubeconfig, async ({ engine, start }) => {
      const small = await start({ resources: { limits: { memory: '64Mi' } } });
      const isGrouped = (await engine.exec(small, ['test', '-e', '/sys/fs/cgroup/cgroup.controllers'])).exitCode === 0;
      const { outcome, exitCode, outOfMemory } = await engine.exec(small, ['sh', '-c', greedy]);
      if (isGrouped) {
        // With cgroup v2 the kubelet has the kernel kill the whole container (singleProcessOOMKill).
        expect(outcome).toMatchObject({ type: 'lost', reason: expect.stringContaining('memory') });
        return;
      }
      expect({ exitCode, outOfMemory }).toEqual({ exitCode: 137, outOfMemory: true });
      expect((await engine.exec(small, ['echo', 'alive'])).stdout).toBe('alive\n');
    });
  });

  test('row 16: the main process is killed: commands are lost with the reason, later ones fail at once', async () => {
    await throughApiProxy(kubeconfig, async ({ engine, start }) => {
      const doomed = await start();
      const running = engine.exec(doomed, ['sh', '-c', 'echo begun; sleep 600']);
      await delay(1_000);
      await engine.exec(doomed, ['sh', '-c', 'kill -TERM 1']).catch(() => {});
      const { outcome, stdout } = await running;
      expect(outcome).toMatchObject({ type: 'lost', reason: expect.stringMatching(/main process.*143/) });
      expect(stdout).toBe('begun\n');
      await expect(engine.exec(doomed, ['true'])).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
      expect(await engine.inspectEnvironment(doomed)).toMatchObject({ phase: 'Failed' });
    });
  });

  test('row 40: somebody deletes the pod: commands are lost with the reason, there is no twin, and later commands fail at once', async () => {
    await throughApiProxy(kubeconfig, async ({ engine, start, call, namespace, left }) => {
      const doomed = await start();
      const running = engine.exec(doomed, ['sh', '-c', 'echo begun; sleep 600']);
      await delay(1_000);
      const [pod] = (await left()).filter((name) => name.startsWith('pod/'));
      await call({ method: 'DELETE', path: `${podPath(namespace)}/${pod?.slice(4)}` });
      expect((await running).outcome).toMatchObject({ type: 'lost', reason: expect.stringContaining('deleted') });
      await expect(engine.exec(doomed, ['true'])).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
      await expect
        .poll(async () => (await left()).filter((name) => name.startsWith('pod/')), { timeout: 30_000 })
        .toEqual([]);
      await delay(2_000);
      expect((await left()).filter((name) => name.startsWith('pod/'))).toEqual([]);
    });
  });
});
