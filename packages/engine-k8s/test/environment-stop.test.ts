import { describeCluster } from '@recac/e2e-cluster';
import type { RecacError } from '@recac/engine-core';
import { expect, test, vi } from 'vitest';
import { createKubernetesEngine } from '../src/index.ts';
import { busyboxImage, findPod, inNamespace, type TestNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 180_000 });

const signal = AbortSignal.timeout(600_000);
const finalizer = 'example.com/keeps';

const patch = ({ client }: TestNamespace, path: string, finalizers: readonly string[]) =>
  client.request({
    method: 'PATCH',
    path,
    body: { metadata: { finalizers } },
    contentType: 'application/merge-patch+json',
    signal,
  });

describeCluster('the end of an environment', ({ kubeconfig }) => {
  test('while it is pending, by another client: nothing is left, and the start says so', () =>
    inNamespace(kubeconfig, {}, async ({ engine, namespace, count }) => {
      const starting = engine
        .startEnvironment({ sessionId: 'pending', image: busyboxImage, resources: { requests: { cpu: '1000' } } })
        .catch((error: unknown) => error);
      await using other = createKubernetesEngine({ kubeconfig, namespace });
      await expect.poll(() => other.listEnvironments(), { timeout: 20_000 }).toMatchObject([{ phase: 'Pending' }]);
      const [pending] = await other.listEnvironments();
      await other.stopEnvironment(pending?.id ?? '');
      expect(await starting).toMatchObject({ code: 'RECAC_ENVIRONMENT_START_FAILED' });
      expect(await count()).toBe(0);
    }));

  test('only the one that is meant goes: a Job of the same name with another identity stays, pending or not', () =>
    inNamespace(kubeconfig, {}, async ({ engine, namespace, client, count }) => {
      const spec = { sessionId: 'same', image: busyboxImage };
      const { id: old, name } = await engine.startEnvironment(spec);
      await engine.stopEnvironment(old);
      const { id } = await engine.startEnvironment(spec);
      await engine.stopEnvironment(old);
      expect(await engine.inspectEnvironment(id)).toMatchObject({ phase: 'Running' });
      await engine.stopEnvironment(id);
      await client.request({
        method: 'POST',
        path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
        body: {
          metadata: { name },
          spec: {
            suspend: true,
            template: {
              spec: { restartPolicy: 'Never', containers: [{ name: 'other', image: busyboxImage, command: ['true'] }] },
            },
          },
        },
        signal,
      });
      await engine.stopEnvironment(id);
      expect(await count()).toBe(1);
      const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
      await client.request({ method: 'DELETE', path, query: { propagationPolicy: 'Background' }, signal });
    }));

  test('a finalizer on the pod is named; once it is lifted everything goes', () =>
    inNamespace(kubeconfig, {}, async (given) => {
      const { id } = await given.engine.startEnvironment({ sessionId: 'kept-pod', image: busyboxImage });
      const { path, name } = await findPod(given);
      const pod = await given.client.request<{ metadata: { finalizers: string[] } }>({
        method: 'GET',
        path: `${path}/${name}`,
        signal,
      });
      await patch(given, `${path}/${name}`, [...pod.metadata.finalizers, finalizer]);
      await expect(given.engine.stopEnvironment(id)).rejects.toMatchObject({
        code: 'RECAC_ENGINE_UNAVAILABLE',
        message: expect.stringContaining(`the pod ${name} is being deleted, but the finalizer ${finalizer} keeps it`),
        details: { stuck: true, finalizers: [finalizer] },
      });
      const kept = { id, phase: 'Terminating', reason: 'FinalizerBlocks', message: expect.stringContaining(finalizer) };
      expect(await given.engine.listEnvironments()).toMatchObject([kept]);
      await expect(given.engine.exec(id, ['true'])).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_NOT_FOUND' });
      await patch(given, `${path}/${name}`, []);
      await given.engine.stopEnvironment(id);
      await expect.poll(() => given.count(), { timeout: 20_000 }).toBe(0);
    }));

  test('a finalizer on the Job is named, its processes end all the same; once it is lifted everything goes', () =>
    inNamespace(kubeconfig, {}, async (given) => {
      const { id, name } = await given.engine.startEnvironment({ sessionId: 'kept-job', image: busyboxImage });
      const path = `/apis/batch/v1/namespaces/${given.namespace}/jobs/${name}`;
      await patch(given, path, [finalizer]);
      await expect(given.engine.stopEnvironment(id)).rejects.toMatchObject({
        message: expect.stringContaining(`the job ${name} is being deleted, but the finalizer ${finalizer} keeps it`),
        details: { stuck: true, kind: 'job', finalizers: [finalizer] },
      });
      expect((await findPod(given)).name).toBeUndefined();
      expect(await given.engine.inspectEnvironment(id)).toMatchObject({
        phase: 'Terminating',
        reason: 'FinalizerBlocks',
        message: expect.stringContaining(finalizer),
      });
      await patch(given, path, []);
      await given.engine.stopEnvironment(id);
      expect(await given.engine.listEnvironments()).toEqual([]);
    }));

  test('after a start that failed: what could not be removed is named, with the Job', () =>
    inNamespace(kubeconfig, {}, async (given) => {
      const { engine } = given;
      const resources = { requests: { cpu: '1000' } };
      const spec = { sessionId: 'keeps', image: busyboxImage, resources, pendingTimeoutMs: 20_000 };
      const starting = engine.startEnvironment(spec).catch((error: unknown) => error);
      await expect.poll(() => findPod(given).then(({ name }) => name), { timeout: 20_000 }).toBeDefined();
      const { path, name } = await findPod(given);
      await patch(given, `${path}/${name}`, ['batch.kubernetes.io/job-tracking', finalizer]);
      const error = (await starting) as RecacError;
      expect(error).toMatchObject({
        code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
        details: { phase: 'schedule', left: ['job/recac-agent-keeps'], cleanup: expect.stringContaining(finalizer) },
      });
      expect(error.message).toMatch(/kubectl delete --namespace \S+ job\/recac-agent-keeps/);
      await patch(given, `${path}/${name}`, []);
    }));
});
