import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCluster, makeClaim } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { createKubernetesEngine } from '../src/index.ts';
import { createAccount } from './kubernetes/test-account.ts';
import { busyboxImage, inNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });
const claimName = 'work';
const workspace = { type: 'persistentVolumeClaim', claimName, subPath: 'shared' } as const;
const spec = (sessionId: string) => ({ sessionId, image: busyboxImage, workspace });
const isConflict = { code: 'RECAC_WORKSPACE_CONFLICT', details: { reason: 'ClaimInUse' } };

describeCluster('one directory of a claim is never the workspace of two living sessions', ({ kubeconfig: admin }) => {
  test('also where the second may not read claims', () =>
    inNamespace(admin, {}, async ({ client, namespace, engine: administrator }) => {
      const directory = await mkdtemp(join(tmpdir(), 'recac-directory-'));
      await using _claim = await makeClaim({ kubeconfig: admin, namespace, claimName });
      const account = await createAccount(client, namespace, admin, { without: 'persistentvolumeclaims' });
      const kubeconfig = await account.kubeconfig(directory, { token: await account.token('only') });
      await using engine = createKubernetesEngine({ kubeconfig, namespace });
      const { id } = await administrator.startEnvironment(spec('first'));
      await expect(engine.startEnvironment(spec('second'))).rejects.toMatchObject(isConflict);
      const beside = await engine.startEnvironment({ ...spec('beside'), workspace: { ...workspace, subPath: 'own' } });
      await Promise.all([id, beside.id].map((one) => administrator.stopEnvironment(one)));
      await rm(directory, { recursive: true });
    }));

  test('also where the first waits for its pod', () =>
    inNamespace(admin, {}, async ({ client, namespace, engine, create, count }) => {
      await using _claim = await makeClaim({ kubeconfig: admin, namespace, claimName });
      await create('resourcequotas', { metadata: { name: 'none' }, spec: { hard: { pods: '0' } } });
      const starting = engine.startEnvironment(spec('first'));
      await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(0);
      const second = engine.startEnvironment({ ...spec('second'), pendingTimeoutMs: 5_000 });
      await expect(second).rejects.toMatchObject(isConflict);
      const path = `/api/v1/namespaces/${namespace}/resourcequotas/none`;
      await client.request({ method: 'DELETE', path, signal: AbortSignal.timeout(10_000) });
      await engine.stopEnvironment((await starting).id);
    }));

  test('also where several start at once: exactly one runs', () =>
    inNamespace(admin, {}, async ({ namespace, engine: one }) => {
      await using _claim = await makeClaim({ kubeconfig: admin, namespace, claimName });
      await using other = createKubernetesEngine({ kubeconfig: admin, namespace });
      await Promise.all([one.init(), other.init()]);
      const engines = [one, other, one];
      const starts = engines.map((engine, index) => engine.startEnvironment(spec(`racer-${index}`)));
      const ends = await Promise.allSettled(starts);
      const lost = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
      expect(lost).toEqual([expect.objectContaining({ code: isConflict.code }), expect.anything()]);
      for (const end of ends) if (end.status === 'fulfilled') await one.stopEnvironment(end.value.id);
    }));
});
