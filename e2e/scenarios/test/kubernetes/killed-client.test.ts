import { setTimeout as delay } from 'node:timers/promises';
import { callApi, describeCluster, readConnection } from '@recac/e2e-cluster';
import { startApiProxy } from '@recac/e2e-faults';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { expect, test, vi } from 'vitest';
import { runCli, startCli } from '../../src/cli.ts';
import {
  findSession,
  inPlace,
  kill,
  killedClientCases,
  type SessionBackend,
  sessionOptions,
  toSessionName,
} from '../killed-client-cases.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 180_000 });

interface ObjectList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly phase?: string };
  }[];
}

describeCluster('a client that is killed on Kubernetes', ({ kubeconfig }) => {
  /**
   * Pods of a session that have not ended, as the API server has them. A Job whose lease ran out has ended in order: the cluster clears it away some minutes later
   * (`ttlSecondsAfterFinished`).
   */
  const podsOf = async (name: string): Promise<readonly string[]> => {
    const connection = await readConnection(kubeconfig);
    const { items } = await callApi<ObjectList>(connection, { path: '/api/v1/namespaces/default/pods' });
    return items
      .filter(({ metadata, status }) => metadata.name.includes(name) && status?.phase !== 'Succeeded')
      .map(({ metadata }) => metadata.name);
  };

  const backend: SessionBackend = {
    place: { kubeconfig },
    createEngine: () => createKubernetesEngine({ kubeconfig }),
    checkGone: (name) => expect.poll(() => podsOf(name), { timeout: 30_000, interval: 500 }).toEqual([]),
  };

  killedClientCases(backend);

  test.each([
    ['after its Job was asked for', /^POST .*\/jobs$/, 'swallow'],
    ['before its first lane', /\/exec\?/, 'hold'],
  ] as const)('row 2: kill -9 %s: what was created goes with its lease', async (_, request, type) => {
    const name = toSessionName(`created-${type}`);
    await using proxy = await startApiProxy(kubeconfig);
    proxy.rules.add({ request, fault: { type }, times: 100 });
    await inPlace(
      backend,
      name,
      async (place) => {
        const running = startCli(place, [
          'run',
          '--quiet',
          '--name',
          name,
          '--lease',
          '3s',
          ...sessionOptions,
          '--',
          'true',
        ]);
        await vi.waitUntil(() => proxy.requests.some((asked) => request.test(asked)), { timeout: 60_000 });
        await vi.waitUntil(async () => (await podsOf(name)).length > 0, { timeout: 30_000 });
        await kill(running);
        proxy.rules.clear();
        await expect.poll(() => findSession(backend, name), { timeout: 60_000, interval: 500 }).toEqual([]);
      },
      { kubeconfig: proxy.kubeconfig },
    );
  });

  test('kill -9 while it stops: it goes all the same', async () => {
    const name = toSessionName('stopping');
    await using proxy = await startApiProxy(kubeconfig);
    await inPlace(
      backend,
      name,
      async (place) => {
        expect((await runCli(place, ['start', '--quiet', '--name', name, ...sessionOptions])).code).toBe(0);
        const deletion = /^DELETE .*\/jobs\//;
        proxy.rules.add({ request: deletion, fault: { type: 'swallow' } });
        const stopping = startCli(place, ['stop', '--quiet', name]);
        await vi.waitUntil(() => proxy.requests.some((asked) => deletion.test(asked)), { timeout: 60_000 });
        await delay(100);
        await kill(stopping);
        await expect.poll(() => findSession(backend, name), { timeout: 60_000, interval: 500 }).toEqual([]);
      },
      { kubeconfig: proxy.kubeconfig },
    );
  });
});
