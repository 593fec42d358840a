import { describeCluster } from '@recac/e2e-cluster';
import { expect, test } from 'vitest';
import type { NewJob } from '../src/job/job-object.ts';
import { busyboxImage, inNamespace } from './test-namespace.ts';

const paths: Readonly<Record<string, (namespace: string) => string>> = {
  Job: (namespace) => `/apis/batch/v1/namespaces/${namespace}/jobs`,
  PersistentVolumeClaim: (namespace) => `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
  NetworkPolicy: (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
};

describeCluster('what is rendered', ({ kubeconfig }) => {
  test('is what the API server takes, and what a start creates; rendering creates nothing', async () => {
    await inNamespace(kubeconfig, {}, async ({ engine, namespace, client }) => {
      const workspace = { type: 'persistentVolumeClaim', claimName: 'made', storage: { size: '1Mi' } } as const;
      const spec = { sessionId: 'rendered', image: busyboxImage, network: 'internet', workspace } as const;
      const objects = (await engine.renderEnvironment(spec)) as readonly NewJob[];
      expect(objects.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim', 'Job', 'NetworkPolicy']);
      for (const object of objects) {
        const path = `${paths[object.kind]?.(namespace)}?dryRun=All`;
        const { signal } = new AbortController();
        await client.request({ method: 'POST', path, body: object, signal });
      }
      expect(await engine.listEnvironments()).toEqual([]);
      const { id } = await engine.startEnvironment(spec);
      const path = `${paths.Job?.(namespace)}/recac-agent-rendered`;
      const { signal } = new AbortController();
      const job = await client.request<NewJob>({ method: 'GET', path, signal });
      const [, planned] = objects;
      expect(job.spec.template.spec.containers[0]).toMatchObject({
        command: planned?.spec.template.spec.containers[0]?.command,
      });
      expect(job.metadata.labels).toMatchObject({ ...planned?.metadata.labels });
      await engine.stopEnvironment(id);
    });
  });
});
