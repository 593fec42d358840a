import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeCluster, parseVersion, type RunningCluster, startCluster } from '@recac/e2e-cluster';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runCli, startCli } from '../../src/cli.ts';
import { createPlace } from '../../src/place.ts';

/** How long the command runs; RECAC_SCENARIO_SECONDS=600 for the length that the documents show. */
const seconds = Number(process.env.RECAC_SCENARIO_SECONDS ?? 12);
const lines = seconds * 20;
/** The second time the API server is away for a fifth of the command: two minutes of ten. */
const awayMs = seconds * 200;

vi.setConfig({ testTimeout: 120_000 + seconds * 4_000, hookTimeout: 120_000 });

const expected = (name: string): string =>
  Array.from({ length: lines }, (_, index) => `${name} ${index + 1}\n`).join('');

describeCluster('a long command on Kubernetes', () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-long-cluster-'));
    cluster = await startCluster({ directory, version: parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION) });
  });
  afterAll(() => cluster.stop());

  const restartServer = async (pauseMs: number): Promise<void> => {
    await cluster.end('apiserver', 'KILL');
    await delay(pauseMs);
    await cluster.start('apiserver');
  };

  test('its API server is restarted twice and its client killed once: the output is complete and the exit code right', async () => {
    await using place = await createPlace({ kubeconfig: cluster.kubeconfig });
    const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "out $i"; echo "err $i" >&2; sleep 0.05; done; exit 37`;
    const image = ['--image', 'recac-test/busybox:1', '--sync', 'none'];
    const running = startCli(place, ['run', '--quiet', '--name', 'long', ...image, '-c', script]);
    await running.until(`out ${Math.floor(lines / 4)}\n`);
    await restartServer(0);
    await running.until(`out ${Math.floor(lines / 2)}\n`);
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');

    const attached = startCli(place, ['attach', '--quiet', 'long']);
    await attached.until(`out ${Math.floor(lines / 2)}\n`);
    await restartServer(awayMs);
    expect(await attached.ended).toEqual({ code: 37, signal: null, stdout: expected('out'), stderr: expected('err') });
    expect((await runCli(place, ['stop', '--quiet', 'long'])).code).toBe(0);
    expect(JSON.parse((await runCli(place, ['list', '--json'])).stdout)).toEqual([]);
    const left = (): Promise<string> => cluster.kubectl('get', 'jobs,pods,networkpolicies', '-o', 'name');
    await expect.poll(left, { timeout: 60_000 }).toBe('');
  });
});
