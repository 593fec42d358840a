import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCluster, readConnection } from '@recac/e2e-cluster';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { afterEach, expect, test, vi } from 'vitest';
import { startApiProxy } from '../../src/kubernetes/api-proxy.ts';
import { throughApiProxy } from '../../src/kubernetes/through-api-proxy.ts';
import { image } from '../../src/through-proxy.ts';

vi.setConfig({ testTimeout: 90_000 });

const hour = 3_600_000;

interface KubeconfigFile {
  readonly clusters: readonly { readonly cluster: object }[];
}

describeCluster('the way to the API server', ({ kubeconfig }) => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  /** A kubeconfig whose server has another name, with which the certificate is not checked. */
  async function withHost(host: string, run: (path: string) => Promise<void>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'recac-reach-'));
    const file = JSON.parse(await readFile(kubeconfig, 'utf8')) as KubeconfigFile;
    const cluster = { ...file.clusters[0]?.cluster, server: `https://${host}:6443`, 'tls-server-name': 'kubernetes' };
    const path = join(directory, 'kubeconfig');
    try {
      await writeFile(path, JSON.stringify({ ...file, clusters: [{ ...file.clusters[0], cluster }] }));
      await run(path);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  test('row 44: a name that nobody knows is said to be that, with the address', async () => {
    await withHost('cluster.invalid', async (path) => {
      await using engine = createKubernetesEngine({ kubeconfig: path });
      await expect(engine.init()).rejects.toMatchObject({
        code: 'RECAC_ENGINE_UNAVAILABLE',
        message: expect.stringMatching(/cluster\.invalid.*name/),
      });
    });
  });

  test('row 44: HTTPS_PROXY is used for everything, WebSockets too; NO_PROXY excepts', async () => {
    const { host, port } = await readConnection(kubeconfig);
    const asked: string[] = [];
    const proxy = createServer().on('connect', (request, client, head) => {
      asked.push(request.url ?? '');
      const server = connect(Number(port), String(host), () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        server.write(head);
        server.pipe(client).pipe(server);
      });
      for (const [one, other] of [
        [server, client],
        [client, server],
      ] as const)
        one.on('error', () => other.destroy());
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    try {
      // Only the proxy knows where this name leads.
      await withHost('cluster.invalid', async (path) => {
        await using engine = createKubernetesEngine({ kubeconfig: path });
        const { id } = await engine.startEnvironment({ sessionId: `proxied-${process.pid}`, image });
        expect(await engine.exec(id, ['sh', '-c', 'seq 1 1000; exit 4'])).toMatchObject({ exitCode: 4 });
        await engine.stopEnvironment(id);
        expect(new Set(asked)).toEqual(new Set(['cluster.invalid:6443']));
        expect(asked.length).toBeGreaterThan(1);
      });
      asked.length = 0;
      vi.stubEnv('NO_PROXY', `localhost,${host}`);
      await using direct = createKubernetesEngine({ kubeconfig });
      await direct.init();
      expect(asked).toEqual([]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  test('row 43: a certificate that is not valid by this clock is named, and so is the clock', async () => {
    await using proxy = await startApiProxy(kubeconfig, { certificateDays: -1 });
    await using engine = createKubernetesEngine({ kubeconfig: proxy.kubeconfig });
    await expect(engine.init()).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/certificate has expired.*clock/),
    });
  });

  test.each([hour, -hour])(
    'row 43: the clock of the client is off by %i ms: limits and the lease do not see it',
    async (skew) => {
      await throughApiProxy(kubeconfig, async ({ engine, start }) => {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + skew });
        const id = await start({ leaseMs: 12_000 });
        const { outcome } = await engine.exec(id, ['sh', '-c', 'sleep 14; exit 3'], { timeoutMs: 60_000 });
        expect(outcome).toEqual({ type: 'exited', code: 3 });
        const late = await engine.exec(id, ['sleep', '60'], { timeoutMs: 1_000, killGraceMs: 500 });
        expect(late.outcome).toMatchObject({ type: 'timedOut', limit: 'total' });
        expect(await engine.inspectEnvironment(id)).toMatchObject({ phase: 'Running' });
      });
    },
  );
});
