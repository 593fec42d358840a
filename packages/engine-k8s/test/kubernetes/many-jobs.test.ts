import diagnosticsChannel from 'node:diagnostics_channel';
import { mkdtemp } from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeOwnCluster, parseVersion, type RunningCluster, startCluster } from '@recac/e2e-cluster';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createKubernetesEngine } from '../../src/index.ts';
import { busyboxImage } from '../test-namespace.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const label = 'recac.test/simulated';
const count = 20;
/** To create a Job, to open its first shell, to write down that it runs, and to delete it. */
const requestsOfEach = 4;
/** Lists and watches, which all Jobs share: those of pods, Jobs and started containers, each opened again now and then. */
const sharedRequests = 20;

/** The requests that this process sends while something runs. */
async function recordRequests(run: () => Promise<void>): Promise<readonly string[]> {
  const requests: string[] = [];
  const record = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    requests.push(`${request.method} ${request.path}`);
  };
  diagnosticsChannel.subscribe('http.client.request.start', record);
  try {
    await run();
    return requests;
  } finally {
    diagnosticsChannel.unsubscribe('http.client.request.start', record);
  }
}

describeOwnCluster('many Jobs at once, on simulated nodes', () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-many-jobs-'));
    const version = parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION);
    cluster = await startCluster({ directory, version, simulatedNodes: 2 });
  });
  afterAll(() => cluster?.stop());

  test('all run, every client sees them, all are removed, and each costs few requests', async () => {
    const { kubeconfig } = cluster;
    const tolerations = [{ key: label, operator: 'Exists' }] as const;
    await using engine = createKubernetesEngine({ kubeconfig, nodeSelector: { [label]: 'true' }, tolerations });
    await using other = createKubernetesEngine({ kubeconfig });
    await Promise.all([engine.init(), other.init()]);
    const seen = new Map<string, string>();
    const ending = new AbortController();
    const watching = (async (): Promise<void> => {
      for await (const { type, environment } of other.watchEnvironments({ signal: ending.signal }))
        seen.set(environment.id, type === 'DELETED' ? type : environment.phase);
    })();
    const phases = (): readonly string[] => [...seen.values()];
    let ids: readonly string[] = [];

    const starting = await recordRequests(async () => {
      const starts = Array.from({ length: count }, (_, index) =>
        engine.startEnvironment({ sessionId: `many-${index}`, image: busyboxImage, network: 'open' }),
      );
      ids = (await Promise.all(starts)).map(({ id }) => id);
    });
    const listed = await other.listEnvironments();
    expect(listed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(listed.map(({ phase }) => phase)).toEqual(Array.from(ids, () => 'Running'));
    const nodes = await cluster.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}');
    expect(new Set(nodes.split(' '))).toEqual(new Set(['simulated-0', 'simulated-1']));
    await expect.poll(phases, { timeout: 30_000 }).toEqual(Array.from(ids, () => 'Running'));

    const stopping = await recordRequests(async () => {
      await Promise.all(ids.map((id) => engine.stopEnvironment(id)));
    });
    expect(await cluster.kubectl('get', 'jobs,pods', '-o', 'name')).toBe('');
    await expect.poll(phases, { timeout: 30_000 }).toEqual(Array.from(ids, () => 'DELETED'));
    ending.abort();
    await watching;

    const requests = [...starting, ...stopping];
    expect(requests.filter((request) => /^POST .*\/jobs$/.test(request))).toHaveLength(count);
    expect(requests.length).toBeLessThan(requestsOfEach * count + sharedRequests);
  });
});
