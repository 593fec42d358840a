import { describeCluster } from '@recac/e2e-cluster';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { expect, test, vi } from 'vitest';
import { createJob, getJob } from '../../src/kubernetes/api-requests.ts';
import { throughApiProxy } from '../../src/kubernetes/through-api-proxy.ts';
import { image } from '../../src/through-proxy.ts';

vi.setConfig({ testTimeout: 90_000 });

describeCluster('asking the cluster for an image', ({ kubeconfig }) => {
  test('row 23: the answer to its Job never comes and it is cancelled: nothing is left', () =>
    throughApiProxy(kubeconfig, async ({ engine, proxy, left }) => {
      proxy.rules.add({ request: createJob, fault: { type: 'swallow' } });
      await expect(engine.ensureImage(image, { signal: AbortSignal.timeout(1_500) })).rejects.toThrow();
      await expect.poll(left, { timeout: 20_000 }).toEqual([]);
    }));

  test('closing the engine ends it, and leaves nothing; until then it is no environment', () =>
    throughApiProxy(kubeconfig, async ({ proxy, namespace, left }) => {
      const engine = createKubernetesEngine({ kubeconfig: proxy.kubeconfig, namespace });
      proxy.rules.add({ request: getJob, fault: { type: 'hold' } });
      const asking = engine.ensureImage('localhost:1/recac/none:1', { policy: 'always' });
      asking.catch(() => {});
      await expect.poll(left, { timeout: 20_000, interval: 20 }).not.toEqual([]);
      expect(await engine.listEnvironments()).toEqual([]);
      await engine.close();
      await expect(asking).rejects.toThrow();
      await expect.poll(left, { timeout: 20_000 }).toEqual([]);
    }));

  test('while it waits for a node it asks little, beside what it watches', () =>
    throughApiProxy(kubeconfig, async ({ engine, proxy, namespace, call, left }) => {
      const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
      await call({ method: 'POST', path, body: { metadata: { name: 'none' }, spec: { hard: { pods: '0' } } } });
      await engine.init();
      const before = proxy.requests.length;
      await expect(engine.ensureImage(image, { signal: AbortSignal.timeout(5_000) })).rejects.toThrow();
      expect(proxy.requests.slice(before).length).toBeLessThan(30);
      await expect.poll(left, { timeout: 20_000 }).toEqual([]);
    }));
});
