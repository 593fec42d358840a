import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeCluster } from '@recac/e2e-cluster';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApiClient } from '../../src/api/create-api-client.ts';
import { resolveCluster } from '../../src/cluster/resolve-cluster.ts';
import { createKubernetesEngine } from '../../src/index.ts';
import { busyboxImage, inNamespace } from '../test-namespace.ts';
import { createAccount } from './test-account.ts';

vi.setConfig({ testTimeout: 180_000 });

const signal = AbortSignal.timeout(600_000);

describeCluster('credentials that change while recac runs', ({ kubeconfig: admin }) => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recac-credentials-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('a token file that rotates is read again; a token that has ended is named, and the command goes on (fault 30)', () =>
    inNamespace(admin, {}, async ({ client, namespace }) => {
      const account = await createAccount(client, namespace, admin);
      const tokenFile = join(directory, 'token');
      await writeFile(tokenFile, await account.token('first'));
      const kubeconfig = await account.kubeconfig(directory, { tokenFile });
      await using engine = createKubernetesEngine({ kubeconfig, namespace });
      const { id } = await engine.startEnvironment({ sessionId: 'rotates', image: busyboxImage });
      const running = await engine.spawn(id, [
        'sh',
        '-c',
        'echo begun; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo done',
      ]);
      await account.revoke('first');
      await expect(engine.listEnvironments()).rejects.toMatchObject({
        code: 'RECAC_PERMISSION_DENIED',
        details: { status: 401 },
        message: expect.stringContaining('not authenticated'),
      });
      await writeFile(tokenFile, `${await account.token('second')}\n`);
      expect(await engine.listEnvironments()).toMatchObject([{ phase: 'Running' }]);
      const other = await engine.exec(id, ['sh', '-c', 'sleep 1; touch /tmp/go']);
      expect(other.outcome).toEqual({ type: 'exited', code: 0 });
      expect(await running.wait()).toMatchObject({ outcome: { type: 'exited', code: 0 } });
      await engine.stopEnvironment(id);
    }));

  test('a kubeconfig with a new token is read again when the server has refused the old one', () =>
    inNamespace(admin, {}, async ({ client, namespace }) => {
      const account = await createAccount(client, namespace, admin);
      const kubeconfig = await account.kubeconfig(directory, { token: await account.token('first') });
      await using engine = createKubernetesEngine({ kubeconfig, namespace });
      expect(await engine.listEnvironments()).toEqual([]);
      await account.revoke('first');
      await account.kubeconfig(directory, { token: await account.token('second') });
      expect(await engine.listEnvironments()).toEqual([]);
    }));

  test('a plugin runs once for twenty calls, again before its credential ends, and once when the server has refused it', () =>
    inNamespace(admin, {}, async ({ client, namespace }) => {
      const account = await createAccount(client, namespace, admin);
      const script = `#!/bin/sh
echo run >>${directory}/runs
sleep 0.2
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s","expirationTimestamp":"%s"}}' "$(cat ${directory}/token)" "$(cat ${directory}/expires)"
`;
      await writeFile(join(directory, 'plugin'), script);
      await chmod(join(directory, 'plugin'), 0o755);
      const give = async (name: string, lifeMs: number): Promise<void> => {
        await writeFile(join(directory, 'token'), await account.token(name));
        await writeFile(join(directory, 'expires'), new Date(Date.now() + lifeMs).toISOString());
      };
      const runs = async () => (await readFile(join(directory, 'runs'), 'utf8')).split('\n').length - 1;
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: join(directory, 'plugin'),
        interactiveMode: 'Never',
      };
      await give('first', 600_000);
      const access = await resolveCluster({ kubeconfig: await account.kubeconfig(directory, { exec }) });
      const runner = createApiClient(access);
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const twenty = () =>
        Promise.all(Array.from({ length: 20 }, () => runner.request({ method: 'GET', path, signal })));
      await twenty();
      await twenty();
      expect(await runs()).toBe(1);
      await account.revoke('first');
      await give('second', 3_000);
      await twenty();
      expect(await runs()).toBe(2);
      // The last tenth of three seconds.
      await new Promise((resolve) => setTimeout(resolve, 2_750));
      await give('third', 600_000);
      await twenty();
      expect(await runs()).toBe(3);
      await account.revoke('third');
      await expect(runner.request({ method: 'GET', path, signal })).rejects.toThrow(/not authenticated/);
      expect(await runs()).toBe(4);
      runner.close();
    }));

  const pki = join(dirname(admin), 'pki');
  test.skipIf(!existsSync(join(pki, 'scheduler.key')))(
    'a new client certificate in the files of the kubeconfig is used at the next call, and the old connections are closed',
    () =>
      inNamespace(admin, {}, async ({ client, namespace }) => {
        await using proxy = await startTunnel();
        const account = await createAccount(client, namespace, admin);
        const put = async (name: string): Promise<void> => {
          await copyFile(join(pki, `${name}.crt`), join(directory, 'certificate'));
          await copyFile(join(pki, `${name}.key`), join(directory, 'key'));
        };
        const kubeconfig = await account.kubeconfig(
          directory,
          { 'client-certificate': 'certificate', 'client-key': 'key' },
          { 'proxy-url': proxy.url },
        );
        await put('admin');
        const runner = createApiClient(await resolveCluster({ kubeconfig }));
        const whoAmI = async (): Promise<string> => {
          const review = await runner.request<{ status: { userInfo: { username: string } } }>({
            method: 'POST',
            path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
            body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
            signal,
          });
          return review.status.userInfo.username;
        };
        const before = new Set(await Promise.all(Array.from({ length: 5 }, whoAmI)));
        expect(proxy.open()).toBe(5);
        await put('scheduler');
        expect(await whoAmI()).toBe('system:kube-scheduler');
        expect(before).not.toContain('system:kube-scheduler');
        await expect.poll(() => proxy.open()).toBe(1);
        runner.close();
      }),
  );
});

/** A proxy of this machine that counts the tunnels that are open. */
async function startTunnel() {
  let open = 0;
  const server = createServer();
  server.on('connect', ({ url = '' }, socket) => {
    const [host, port] = url.split(':');
    const upstream = connect(Number(port), host, () => {
      open += 1;
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.once('close', () => {
      open -= 1;
    });
    for (const stream of [socket, upstream]) stream.on('error', () => stream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => open,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
