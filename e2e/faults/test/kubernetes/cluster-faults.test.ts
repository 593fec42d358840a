import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeCluster, parseVersion, type RunningCluster, startCluster } from '@recac/e2e-cluster';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const image = 'recac-test/busybox:1';
const numbers = (count: number): string => Array.from({ length: count }, (_, index) => `${index + 1}\n`).join('');
const counting = (count: number): string[] => [
  'sh',
  '-c',
  `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 9`,
];

describeCluster('a cluster whose parts fail', () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-fault-cluster-'));
    cluster = await startCluster({ directory, version: parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION) });
  });
  afterAll(() => cluster.stop());

  const openEngine = () => createKubernetesEngine({ kubeconfig: cluster.kubeconfig });
  const isReady = async (): Promise<void> => {
    await expect.poll(() => cluster.kubectl('get', '--raw', '/readyz').catch(() => ''), { timeout: 90_000 }).toBe('ok');
  };
  const isEmpty = async (): Promise<void> => {
    const left = (): Promise<string> => cluster.kubectl('get', 'jobs,pods,networkpolicies', '-o', 'name');
    await expect.poll(left, { timeout: 60_000 }).toBe('');
  };

  test('row 26: the API server is killed twice under a command: every byte arrives, and the code', async () => {
    await using engine = openEngine();
    const { id } = await engine.startEnvironment({ sessionId: 'api-server', image });
    const running = engine.exec(id, counting(400));
    for (let time = 0; time < 2; time += 1) {
      await delay(1_500);
      await cluster.end('apiserver', 'KILL');
      await cluster.start('apiserver');
      await isReady();
    }
    expect(await running).toMatchObject({ outcome: { type: 'exited', code: 9 }, stdout: numbers(400) });
    await engine.stopEnvironment(id);
    await isEmpty();
  });

  test('row 26: the API server is killed under a watch: what happens after it is told, and nothing twice', async () => {
    await using engine = openEngine();
    const told: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const event of engine.watchEnvironments({ signal: stop.signal })) told.push(JSON.stringify(event));
    })();
    const { id } = await engine.startEnvironment({ sessionId: 'watched', image });
    const types = (of: string) => told.filter((one) => one.includes(of)).map((one) => JSON.parse(one).type);
    await expect.poll(() => told.at(-1), { timeout: 30_000 }).toContain('"Running"');
    const before = told.length;
    await cluster.end('apiserver', 'KILL');
    await cluster.start('apiserver');
    await isReady();
    await using other = openEngine();
    const { id: second } = await other.startEnvironment({ sessionId: 'after', image });
    await expect.poll(() => types(second)[0], { timeout: 30_000 }).toBe('ADDED');
    expect(told.slice(before).filter((one) => one.includes(id))).toEqual([]);
    for (const each of [id, second]) {
      await other.stopEnvironment(each);
      await expect.poll(() => types(each).at(-1), { timeout: 30_000 }).toBe('DELETED');
      expect(types(each).filter((type) => type !== 'MODIFIED')).toEqual(['ADDED', 'DELETED']);
    }
    expect(new Set(told).size).toBe(told.length);
    stop.abort();
    await watching;
    await isEmpty();
  });

  test('the kubelet is killed under a command: it goes on, and is followed again', async () => {
    await using engine = openEngine();
    const { id } = await engine.startEnvironment({ sessionId: 'kubelet', image });
    const running = engine.exec(id, counting(200));
    await delay(1_500);
    await cluster.end('kubelet', 'KILL');
    await delay(1_000);
    await cluster.start('kubelet');
    expect(await running).toMatchObject({ outcome: { type: 'exited', code: 9 }, stdout: numbers(200) });
    await engine.stopEnvironment(id);
    await isEmpty();
  });

  test('a kubelet that has just started and knows no pod yet: nobody takes the environment for gone', async () => {
    await using engine = openEngine();
    const { id } = await engine.startEnvironment({ sessionId: 'forgotten', image });
    await cluster.end('kubelet', 'KILL');
    await cluster.start('kubelet');
    const codes = new Set<unknown>();
    for (let attempt = 0; attempt < 300; attempt += 1) {
      await using other = openEngine();
      const error = await other.exec(id, ['true']).then(
        () => undefined,
        (reason: { readonly code?: unknown }) => reason,
      );
      if (error === undefined) break;
      codes.add(error.code);
      await delay(50);
    }
    expect([...codes]).not.toContain('RECAC_ENVIRONMENT_NOT_FOUND');
    expect(await engine.exec(id, ['echo', 'there'])).toMatchObject({ stdout: 'there\n' });
    await engine.stopEnvironment(id);
    await isEmpty();
  });

  test('row 1: another client attaches to the command of one that is gone: every byte, and the code', async () => {
    const first = openEngine();
    const { id } = await first.startEnvironment({ sessionId: 'gone', image });
    const { execId } = await first.spawn(id, counting(100));
    await delay(500);
    await first.close();
    await using second = openEngine();
    await using attached = await second.attachExec(id, execId);
    let stdout = '';
    for await (const chunk of attached.stdout) stdout += Buffer.from(chunk).toString();
    expect((await attached.wait()).outcome).toEqual({ type: 'exited', code: 9 });
    expect(stdout).toBe(numbers(100));
    await second.stopEnvironment(id);
    await isEmpty();
  });

  test('row 1: nobody comes back: the environment goes with its lease', async () => {
    const engine = openEngine();
    await engine.startEnvironment({ sessionId: 'leased', image, leaseMs: 2_000 });
    await engine.close();
    await using other = openEngine();
    await expect.poll(() => other.listEnvironments(), { timeout: 30_000, interval: 500 }).toEqual([]);
    await cluster.kubectl('delete', 'jobs', '--all');
    await isEmpty();
  });

  test('row 19: the API server is not there: an error that names it, and later calls work', async () => {
    await using engine = openEngine();
    await engine.init();
    await cluster.end('apiserver', 'KILL');
    const failed = engine.listEnvironments({ signal: AbortSignal.timeout(3_000) });
    await expect(failed).rejects.toThrow();
    await cluster.start('apiserver');
    await isReady();
    expect(await engine.listEnvironments()).toEqual([]);
  });
});
