import { describeCluster, makeClaim, makeStaticVolume } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { busyboxImage, failedStart, inNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });
const claimName = 'work';
const workspace = { type: 'persistentVolumeClaim', claimName } as const;

describeCluster('an environment whose workspace is a PersistentVolumeClaim', ({ kubeconfig }) => {
  test('several environments share a claim of one node, each in its own directory', async () => {
    await inNamespace(kubeconfig, {}, async ({ engine, namespace }) => {
      await using _claim = await makeClaim({ kubeconfig, namespace, claimName });
      const start = async (sessionId: string) => {
        const mount = { ...workspace, subPath: sessionId };
        return (await engine.startEnvironment({ sessionId, image: busyboxImage, workspace: mount })).id;
      };
      const [one, two] = await Promise.all([start('one'), start('two')]);
      await Promise.all([one, two].map((id) => engine.exec(id, ['sh', '-c', `echo "$1" >file`, 'sh', id])));
      for (const id of [one, two]) expect((await engine.exec(id, ['cat', 'file'])).stdout).toBe(`${id}\n`);
      await Promise.all([one, two].map((id) => engine.stopEnvironment(id)));
    });
  });

  test('a claim for one pod that another has: it waits, and says so', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const { engine, namespace } = given;
      const volume = { kubeconfig, namespace, claimName, accessMode: 'ReadWriteOncePod' } as const;
      await using _volume = await makeStaticVolume(volume);
      const { id } = await engine.startEnvironment({ sessionId: 'has-it', image: busyboxImage, workspace });
      const error = await failedStart(given, { workspace, pendingTimeoutMs: 5_000 });
      expect(error.code).toBe('RECAC_ENVIRONMENT_START_TIMEOUT');
      expect(error.message).toContain('ReadWriteOncePod');
      await engine.stopEnvironment(id);
    });
  });

  test('a claim whose volume nobody makes: it waits, and says where to look', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const { namespace } = given;
      await using _claim = await makeClaim({ kubeconfig, namespace, claimName, storageClassName: '' });
      const error = await failedStart(given, { workspace, pendingTimeoutMs: 5_000 });
      expect(error.message).toMatch(/no volume yet.*kubectl describe pvc/);
    });
  });
});
