import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { createKubernetesEngine } from '../../src/index.ts';
import { busyboxImage, inNamespace } from '../test-namespace.ts';
import { createAccount } from './test-account.ts';

vi.setConfig({ testTimeout: 120_000 });

describeCluster('rights', ({ kubeconfig: admin }) => {
  test('those of the Role are enough; taken away under a command they are named, nothing is tried on, and what stays is listed (fault 31)', () =>
    inNamespace(admin, {}, async ({ client, namespace, engine: administrator }) => {
      const directory = await mkdtemp(join(tmpdir(), 'recac-rights-'));
      const account = await createAccount(client, namespace, admin);
      const kubeconfig = await account.kubeconfig(directory, { token: await account.token('only') });
      await using engine = createKubernetesEngine({ kubeconfig, namespace });
      const { id, name } = await engine.startEnvironment({ sessionId: 'rights', image: busyboxImage });
      const running = await engine.spawn(id, ['sh', '-c', 'sleep 3; echo done']);
      await account.removeRights();
      const began = performance.now();
      await expect.poll(() => engine.listEnvironments().then(() => '', String)).toMatch(/no right to list/);
      await expect(engine.exec(id, ['true'])).rejects.toMatchObject({
        code: 'RECAC_PERMISSION_DENIED',
        details: { resource: 'pods/exec', namespace },
        message: expect.stringMatching(new RegExp(`no right to (get|create) pods/exec in namespace "${namespace}"`)),
      });
      const stopping = engine.stopEnvironment(id);
      await expect(stopping).rejects.toMatchObject({
        code: 'RECAC_PERMISSION_DENIED',
        details: { verb: 'delete', resource: 'jobs', namespace, left: [`job/${name}`] },
        message: expect.stringMatching(new RegExp(`no right to delete jobs .*job/${name} .*is left`)),
      });
      expect(performance.now() - began).toBeLessThan(20_000);
      // The line that was open before is not cut: the command's own result comes.
      expect(await running.wait()).toMatchObject({ outcome: { type: 'exited', code: 0 } });
      await administrator.stopEnvironment(id);
      await rm(directory, { recursive: true });
    }));

  test('without the right to events a start works, a warning says so once, and a wait for the pod says why it cannot say more', () =>
    inNamespace(admin, {}, async ({ client, namespace, create }) => {
      const directory = await mkdtemp(join(tmpdir(), 'recac-rights-'));
      const account = await createAccount(client, namespace, admin, { without: 'events' });
      const kubeconfig = await account.kubeconfig(directory, { token: await account.token('only') });
      await using engine = createKubernetesEngine({ kubeconfig, namespace });
      const warnings: string[] = [];
      const onWarning = (text: string) => warnings.push(text);
      const { id } = await engine.startEnvironment({ sessionId: 'blind', image: busyboxImage }, { onWarning });
      expect(warnings).toEqual([expect.stringMatching(/right to list and watch events/)]);
      await engine.stopEnvironment(id);
      await create('resourcequotas', { metadata: { name: 'few' }, spec: { hard: { pods: '0' } } });
      const again = { sessionId: 'blind', image: busyboxImage, pendingTimeoutMs: 8_000 };
      await expect(engine.startEnvironment(again, { onWarning })).rejects.toMatchObject({
        code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
        message: expect.stringContaining('which you may not read'),
      });
      expect(warnings).toHaveLength(1);
      await rm(directory, { recursive: true });
    }));

  test('without the right to create Jobs all but a start works, and a start prints the Role', () =>
    inNamespace(admin, {}, async ({ client, namespace, engine: administrator, count }) => {
      const directory = await mkdtemp(join(tmpdir(), 'recac-rights-'));
      const account = await createAccount(client, namespace, admin, { without: 'create jobs' });
      const kubeconfig = await account.kubeconfig(directory, { token: await account.token('only') });
      await using engine = createKubernetesEngine({ kubeconfig, namespace });
      const { id } = await administrator.startEnvironment({ sessionId: 'other', image: busyboxImage });
      const { cannotStart } = await engine.init();
      expect(cannotStart).toMatch(/you lack rights .*: create jobs\. [\s\S]*kind: Role/);
      expect(await engine.listEnvironments()).toMatchObject([{ id }]);
      expect((await engine.exec(id, ['echo', 'here'])).stdout).toBe('here\n');
      const before = await count();
      const isRefused = {
        code: 'RECAC_PERMISSION_DENIED',
        message: cannotStart,
        details: { namespace, missing: [{ verb: 'create', resource: 'jobs', group: 'batch' }] },
      };
      await expect(engine.startEnvironment({ sessionId: 'mine', image: busyboxImage })).rejects.toMatchObject(
        isRefused,
      );
      await expect(engine.ensureImage(busyboxImage)).rejects.toMatchObject(isRefused);
      expect(await count()).toBe(before);
      await engine.stopEnvironment(id);
      await rm(directory, { recursive: true });
    }));
});
