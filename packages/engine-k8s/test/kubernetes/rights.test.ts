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
});
