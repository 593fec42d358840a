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

  test('a claim for one pod that another has is refused, and that one is named', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const { engine, namespace } = given;
      const volume = { kubeconfig, namespace, claimName, accessMode: 'ReadWriteOncePod' } as const;
      await using _volume = await makeStaticVolume(volume);
      const { id } = await engine.startEnvironment({ sessionId: 'has-it', image: busyboxImage, workspace });
      const error = await failedStart(given, { workspace });
      expect(error.code).toBe('RECAC_WORKSPACE_CONFLICT');
      expect(error.message).toMatch(/ReadWriteOncePod.*recac-agent-has-it/);
      await engine.stopEnvironment(id);
    });
  });

  test('a claim that does not exist is refused before anything is made', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const error = await failedStart(given, { workspace });
      expect(error).toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE', details: { reason: 'ClaimMissing' } });
    });
  });

  test('one that is given a size is made, once, and stays with the files when the environments are gone', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const { engine, client, namespace } = given;
      const storage = { size: '1Mi' };
      const start = (sessionId: string) =>
        engine.startEnvironment({
          sessionId,
          image: busyboxImage,
          workspace: { ...workspace, subPath: sessionId, storage },
        });
      const started = await Promise.all([start('one'), start('two')]);
      for (const { id } of started) {
        expect((await engine.exec(id, ['sh', '-c', 'echo work >file'])).exitCode).toBe(0);
        await engine.stopEnvironment(id);
      }
      const again = await start('one');
      expect((await engine.exec(again.id, ['cat', 'file'])).stdout).toBe('work\n');
      await engine.stopEnvironment(again.id);
      const { items } = await client.request<{ items: { metadata: object; spec: object }[] }>({
        method: 'GET',
        path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
        signal: AbortSignal.timeout(10_000),
      });
      expect(items).toMatchObject([
        { metadata: { name: claimName }, spec: { resources: { requests: { storage: '1Mi' } } } },
      ]);
      const bad = { ...workspace, subPath: 'three', storage: { size: '1 MB' } };
      expect((await failedStart(given, { workspace: bad })).details).toMatchObject({ field: 'workspace.storage.size' });
    });
  });

  test('two sessions in one directory are a conflict; on a claim of one node the second goes where the first is', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const { engine, namespace, client } = given;
      await using _claim = await makeClaim({ kubeconfig, namespace, claimName });
      const shared = { ...workspace, subPath: 'shared' };
      const first = await engine.startEnvironment({ sessionId: 'first', image: busyboxImage, workspace: shared });
      const error = await failedStart(given, { workspace: { ...workspace, subPath: 'shared/deeper' } });
      expect(error.message).toContain('session "first" works in the same directory');
      const beside = { ...workspace, subPath: 'beside' };
      const second = await engine.startEnvironment({ sessionId: 'second', image: busyboxImage, workspace: beside });
      const { items } = await client.request<{ items: { spec: { nodeName: string; affinity?: object } }[] }>({
        method: 'GET',
        path: `/api/v1/namespaces/${namespace}/pods`,
        signal: AbortSignal.timeout(10_000),
      });
      expect(new Set(items.map(({ spec }) => spec.nodeName)).size).toBe(1);
      expect(JSON.stringify(items.map(({ spec }) => spec.affinity))).toContain(items[0]?.spec.nodeName);
      await Promise.all([first, second].map(({ id }) => engine.stopEnvironment(id)));
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

  test('a volume of its own, also where only restricted pods may be, goes with the environment', async () => {
    const namespaceLabels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await inNamespace(kubeconfig, { namespaceLabels }, async ({ engine, namespace, client }) => {
      const storage = { size: '64Mi' };
      const stored = { type: 'scratch', storage } as const;
      const { id } = await engine.startEnvironment({ sessionId: 'own', image: busyboxImage, workspace: stored });
      expect((await engine.exec(id, ['sh', '-c', 'echo here >file; cat file'])).stdout).toBe('here\n');
      const list = () =>
        client.request<{ items: { spec: { resources: { requests: { storage: string } } } }[] }>({
          method: 'GET',
          path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
          signal: AbortSignal.timeout(10_000),
        });
      expect((await list()).items.map(({ spec }) => spec.resources.requests.storage)).toEqual(['64Mi']);
      await engine.stopEnvironment(id);
      await expect.poll(async () => (await list()).items.length, { timeout: 30_000 }).toBe(0);
    });
  });
});
