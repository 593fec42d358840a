import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { createKubernetesEngine } from '../src/index.ts';
import { busyboxImage, findPod, inNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

const signal = AbortSignal.timeout(600_000);

describeCluster('restart_policy OnFailure', ({ kubeconfig }) => {
  test('a pod that Kubernetes puts in the place of one that was deleted is never continued in, by no client', () =>
    inNamespace(kubeconfig, { restartPolicy: 'OnFailure' }, async ({ engine, namespace, client }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'replaced', image: busyboxImage });
      const running = await engine.spawn(id, ['sh', '-c', 'echo begun; sleep 1000']);
      const { path, name } = await findPod({ client, namespace });
      await client.request({ method: 'DELETE', path: `${path}/${name}`, signal });
      expect((await running.wait()).outcome).toMatchObject({ type: 'lost' });
      const isReplaced = async () => {
        const pod = await findPod({ client, namespace });
        if (pod.name === undefined || pod.name === name) return undefined;
        const { status } = await client.request<{ status: { phase: string } }>({
          method: 'GET',
          path: `${path}/${pod.name}`,
          signal,
        });
        return status.phase;
      };
      await expect.poll(isReplaced, { timeout: 60_000 }).toBe('Running');
      await using other = createKubernetesEngine({ kubeconfig, namespace });
      const isOver = { code: 'RECAC_ENVIRONMENT_NOT_FOUND', details: { reason: 'PodReplaced' } };
      await expect(other.exec(id, ['touch', '/workspace/ran'])).rejects.toMatchObject(isOver);
      await expect(other.attachExec(id, running.execId)).rejects.toMatchObject(isOver);
      await expect.poll(() => engine.exec(id, ['true']).catch((error) => error)).toMatchObject(isOver);
      expect(await other.inspectEnvironment(id)).toMatchObject({ phase: 'Failed', reason: 'PodReplaced' });
      await engine.stopEnvironment(id);
    }));
});
