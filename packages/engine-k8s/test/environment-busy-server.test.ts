import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { describeCluster, flowApiPath, limitFlow } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import type { ApiClient } from '../src/api/api-client.ts';
import { createApiClient } from '../src/api/create-api-client.ts';
import type { ClusterAccess } from '../src/cluster/cluster-access.ts';
import { createKubernetesEngine } from '../src/index.ts';
import { busyboxImage, inNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

const signal = AbortSignal.timeout(300_000);

describeCluster('an API server that is too busy', ({ kubeconfig }) => {
  test('429: every call waits as Retry-After says, and succeeds when the server has room again', async () => {
    await inNamespace(kubeconfig, {}, async ({ client, namespace }) => {
      const user = `crowd-${randomUUID().slice(0, 8)}`;
      await using _limit = await giveFlow(client, namespace, user);
      const access = impersonate(client.access, user);
      const crowd = createApiClient(access);
      await using engine = createKubernetesEngine({ access, namespace });
      const { id } = await engine.startEnvironment({ sessionId: 'busy', image: busyboxImage });
      await setShares(client, user, 0);
      const occupants: (() => void)[] = [];
      const ask = () =>
        crowd.request({ method: 'GET', path: '/version', timeoutMs: 500, signal }).then(
          () => 'served',
          (error) => error.message,
        );
      // One that comes while the shares are being taken away may be refused, and occupies nothing.
      const askBesideOccupant = async () => {
        occupants.push(await occupy(access, namespace));
        return ask();
      };
      await expect.poll(askBesideOccupant, { timeout: 30_000, interval: 500 }).toMatch(/too many|busy/i);
      const since = performance.now();
      const listing = engine.listEnvironments();
      const running = engine.startEnvironment({ sessionId: 'second', image: busyboxImage });
      await pause(2_500);
      for (const release of occupants) release();
      await setShares(client, user, 100);
      expect((await listing).map((found) => found.id)).toContain(id);
      expect(performance.now() - since).toBeGreaterThan(2_500);
      await engine.stopEnvironment((await running).id);
      await engine.stopEnvironment(id);
      crowd.close();
    });
  });
});

/** The same cluster as another user. */
function impersonate(access: ClusterAccess, user: string): ClusterAccess {
  return {
    ...access,
    server: access.server,
    credentials: async (options) => {
      const credentials = await access.credentials(options);
      return { ...credentials, headers: { ...credentials.headers, 'Impersonate-User': user } };
    },
  };
}

/** Sends a request that does not end: the API server serves one at a time even to those who have no share. Gives what ends it. */
async function occupy(access: ClusterAccess, namespace: string): Promise<() => void> {
  const { headers, ca, certificate, key } = await access.credentials({ signal });
  const asked = request(new URL(`/api/v1/namespaces/${namespace}/configmaps`, access.server), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'content-length': 100 },
    ca,
    cert: certificate,
    key,
  });
  asked.on('error', () => {});
  asked.write('{');
  await once(asked, 'socket');
  return () => void asked.destroy();
}

/** Lets a user do everything in a namespace, within a flow of its own. */
async function giveFlow(client: ApiClient, namespace: string, user: string): Promise<AsyncDisposable> {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  const body = { metadata: { name: user }, roleRef, subjects };
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
  await client.request({ method: 'POST', path, body, signal });
  await setShares(client, user, 100);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const plural of Object.keys(limitFlow(user, user, 0)))
        await client.request({ method: 'DELETE', path: `${flowApiPath}/${plural}/${user}`, signal });
    },
  };
}

async function setShares(client: ApiClient, user: string, shares: number): Promise<void> {
  for (const [plural, body] of Object.entries(limitFlow(user, user, shares)))
    await client.request({
      method: 'PATCH',
      path: `${flowApiPath}/${plural}/${user}`,
      query: { fieldManager: 'test', force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body,
      signal,
    });
}
