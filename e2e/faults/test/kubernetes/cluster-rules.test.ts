import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describeCluster, readConnection } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { type BehindApiProxy, throughApiProxy } from '../../src/kubernetes/through-api-proxy.ts';
import { image } from '../../src/through-proxy.ts';

vi.setConfig({ testTimeout: 300_000 });

const webhooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

describeCluster('rules of the cluster', ({ kubeconfig }) => {
  const create = ({ call, namespace }: BehindApiProxy, resource: string, body: object): Promise<unknown> =>
    call({ method: 'POST', path: `/api/v1/namespaces/${namespace}/${resource}`, body });

  test('row 32: 30 environments at once where the quota has room for 10: the rest wait and name it, all finish, nothing remains', async () => {
    await throughApiProxy(kubeconfig, async (given) => {
      await create(given, 'resourcequotas', { metadata: { name: 'ten' }, spec: { hard: { pods: '10' } } });
      const { engine } = given;
      const waited = new Map<string, string>();
      const codes = await Promise.all(
        Array.from({ length: 30 }, async (_, index) => {
          const sessionId = `quota-${index}`;
          const onEvent = ({ message = '' }): void =>
            void (message.includes('quota') && waited.set(sessionId, message));
          const { id } = await engine.startEnvironment({ sessionId, image, pendingTimeoutMs: 280_000 }, { onEvent });
          const { exitCode } = await engine.exec(id, ['sh', '-c', `exit ${index}`]);
          await engine.stopEnvironment(id);
          return exitCode;
        }),
      );
      expect(codes).toEqual(codes.map((_, index) => index));
      expect(waited.size).toBeGreaterThan(0);
      for (const message of waited.values()) expect(message).toMatch(/quota ten /);
    });
  });

  test('row 33: a LimitRange refuses the resources: that is said at once, with its words', async () => {
    await throughApiProxy(kubeconfig, async (given) => {
      const spec = { limits: [{ type: 'Container', max: { memory: '64Mi' } }] };
      await create(given, 'limitranges', { metadata: { name: 'small' }, spec });
      const starting = given.start({ resources: { limits: { memory: '128Mi' } } });
      await expect(starting).rejects.toMatchObject({
        code: 'RECAC_ENVIRONMENT_START_FAILED',
        details: { phase: 'admit', reason: 'LimitRangeExceeded' },
        message: expect.stringContaining('64Mi'),
      });
    });
  });

  /** A webhook for the pods of a test's namespace. */
  const withWebhook = async ({ call, namespace }: BehindApiProxy, url: string, run: () => Promise<void>) => {
    const webhook = {
      name: 'pods.recac.test',
      clientConfig: { url },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      timeoutSeconds: 1,
    };
    await call({ method: 'POST', path: webhooks, body: { metadata: { name: namespace }, webhooks: [webhook] } });
    try {
      await run();
    } finally {
      await call({ method: 'DELETE', path: `${webhooks}/${namespace}` }).catch(() => {});
    }
  };

  test('row 33: an admission webhook that is not there: it waits and names it, and the pending limit too', async () => {
    await throughApiProxy(kubeconfig, async (given) => {
      await withWebhook(given, 'https://127.0.0.1:1/', async () => {
        await expect(given.start({ pendingTimeoutMs: 6_000 })).rejects.toMatchObject({
          code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
          message: expect.stringContaining('pods.recac.test'),
        });
      });
    });
  });

  test('row 33: an admission webhook that never answers is waited for, and the environment starts once it is gone', async () => {
    const open = new Set<Socket>();
    const silent = createServer((socket) => void open.add(socket.on('error', () => {})));
    const { host, port } = await readConnection(kubeconfig);
    const probe = connect(Number(port), String(host));
    await once(probe, 'connect');
    await once(silent.listen(0, probe.localAddress), 'listening');
    probe.destroy();
    const { address, port: silentPort } = silent.address() as AddressInfo;
    try {
      await throughApiProxy(kubeconfig, async (given) => {
        const named = Promise.withResolvers<void>();
        const onEvent = ({ message = '' }): void => void (message.includes('pods.recac.test') && named.resolve());
        let starting: Promise<{ readonly id: string }> | undefined;
        await withWebhook(given, `https://${address}:${silentPort}/`, async () => {
          starting = given.engine.startEnvironment(
            { sessionId: 'slow', image, pendingTimeoutMs: 120_000 },
            { onEvent },
          );
          starting.catch(named.reject);
          await named.promise;
        });
        const { id } = (await starting) ?? { id: '' };
        expect((await given.engine.exec(id, ['echo', 'fine'])).stdout).toBe('fine\n');
      });
    } finally {
      for (const socket of open) socket.destroy();
      silent.close();
    }
  });
});
