import { randomUUID } from 'node:crypto';
import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { busyboxImage, failedStart, findPod, inNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

const signal = AbortSignal.timeout(300_000);
const path = '/apis/node.k8s.io/v1/runtimeclasses';

describeCluster('a RuntimeClass', ({ kubeconfig }) => {
  test.each(['runc', 'other'])('handler %s runs the pod', async (handler) => {
    const name = `${handler}-${randomUUID().slice(0, 8)}`;
    await inNamespace(kubeconfig, { runtimeClass: name }, async ({ engine, client, namespace }) => {
      await client.request({ method: 'POST', path, body: { metadata: { name }, handler }, signal });
      try {
        const { id } = await engine.startEnvironment({ sessionId: 'class', image: busyboxImage });
        expect(await engine.exec(id, ['echo', 'here'])).toMatchObject({ stdout: 'here\n' });
        const pod = await findPod({ client, namespace });
        const { spec } = await client.request<{ spec: { runtimeClassName: string } }>({
          method: 'GET',
          path: `${pod.path}/${pod.name}`,
          signal,
        });
        expect(spec.runtimeClassName).toBe(name);
        await engine.stopEnvironment(id);
      } finally {
        await client.request({ method: 'DELETE', path: `${path}/${name}`, signal });
      }
    });
  });

  test('one that the cluster does not have is named, early', async () => {
    await inNamespace(kubeconfig, { runtimeClass: 'absent-class' }, async (given) => {
      const error = await failedStart(given, { pendingTimeoutMs: 60_000 });
      expect(error.code).toBe('RECAC_ENVIRONMENT_START_FAILED');
      expect(error.message).toMatch(/RuntimeClass/i);
      expect(error.message).toContain('absent-class');
    });
  });

  test('one whose handler the node does not have is named', async () => {
    const name = `absent-${randomUUID().slice(0, 8)}`;
    await inNamespace(kubeconfig, { runtimeClass: name }, async (given) => {
      await given.client.request({ method: 'POST', path, body: { metadata: { name }, handler: 'absent' }, signal });
      try {
        const error = await failedStart(given, { pendingTimeoutMs: 60_000 });
        expect(error.code).toBe('RECAC_ENVIRONMENT_START_FAILED');
        expect(error.message).toMatch(/handler|runtime/i);
        expect(error.message).toContain('absent');
      } finally {
        await given.client.request({ method: 'DELETE', path: `${path}/${name}`, signal });
      }
    });
  });
});
