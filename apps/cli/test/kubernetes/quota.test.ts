import { randomUUID } from 'node:crypto';
import { callApi, describeCluster, readConnection } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { createCliWorld } from '../cli-process.ts';

vi.setConfig({ testTimeout: 180_000 });

const count = 6;
const room = 2;

describeCluster('run on Kubernetes where a quota has room for few', ({ kubeconfig }) => {
  test(`${count} at once where there is room for ${room}: the rest wait and name the quota, all end with the code of their command, nothing remains`, async () => {
    const connection = await readConnection(kubeconfig);
    const namespace = `quota-${randomUUID().slice(0, 8)}`;
    const inNamespace = `/api/v1/namespaces/${namespace}`;
    const create = (path: string, body: object): Promise<unknown> =>
      callApi(connection, { method: 'POST', path, body });
    const left = async (path: string): Promise<number> =>
      (await callApi<{ readonly items: readonly unknown[] }>(connection, { path })).items.length;
    await create('/api/v1/namespaces', { metadata: { name: namespace } });
    try {
      const hard = { pods: String(room) };
      await create(`${inNamespace}/resourcequotas`, { metadata: { name: 'few-pods' }, spec: { hard } });
      const environment = {
        RECAC_RUNNER_BACKEND: 'kubernetes',
        RECAC_KUBERNETES_KUBECONFIG: kubeconfig,
        RECAC_SESSION_IMAGE: 'recac-test/busybox:1',
      };
      await using world = await createCliWorld({ environment, sessions: [] });
      const runs = Array.from({ length: count }, (_, index) =>
        world.run(['run', '--namespace', namespace, '--sync', 'none', '-c', `sleep 3; echo ${index}; exit ${index}`]),
      );
      const results = await Promise.all(runs);
      expect(results.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
        results.map((_, index) => ({ code: index, stdout: `${index}\n` })),
      );
      const waited = results.map(({ stderr }) => stderr).filter((text) => text.includes('waiting: quota'));
      expect(waited.length).toBeGreaterThan(0);
      for (const text of waited) expect(text).toMatch(/waiting: quota few-pods of the namespace is used up/);
      await expect.poll(() => left(`${inNamespace}/pods`), { timeout: 20_000 }).toBe(0);
      expect(await left(`/apis/batch/v1/namespaces/${namespace}/jobs`)).toBe(0);
      expect(await left(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`)).toBe(0);
    } finally {
      await callApi(connection, { method: 'DELETE', path: inNamespace });
    }
  });
});
