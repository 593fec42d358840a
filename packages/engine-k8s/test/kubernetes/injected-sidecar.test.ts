import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { resolveCluster } from '../../src/cluster/resolve-cluster.ts';
import { createKubernetesEngine } from '../../src/index.ts';
import { busyboxImage, findPod, inNamespace } from '../test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

const signal = AbortSignal.timeout(600_000);
const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** What a service mesh does: a container before ours. */
const injection = [
  {
    op: 'add',
    path: '/spec/containers/0',
    value: { name: 'a-mesh', image: busyboxImage, command: ['sh', '-c', 'echo not ours; sleep 1000'] },
  },
  { op: 'add', path: '/metadata/annotations/mesh.example.com~1injected', value: 'true' },
];

/** The address of this machine that the API server can reach: the one that we reach it from. */
async function findOwnAddress(server: URL): Promise<string> {
  const socket = connect(Number(server.port), server.hostname);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const { localAddress = '' } = socket;
  socket.destroy();
  return localAddress;
}

/** A mutating admission webhook of this process, with a certificate of its own. */
async function startWebhook(address: string) {
  const directory = await mkdtemp(join(tmpdir(), 'recac-webhook-'));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem'];
  const names = ['-subj', '/CN=webhook', '-addext', `subjectAltName=IP:${address}`];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', 'certificate.pem', '-days', '2', ...names], {
    cwd: directory,
    stdio: 'ignore',
  });
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  const certificate = await read('certificate.pem');
  let reviews = 0;
  const server = createServer({ cert: certificate, key: await read('key.pem') }, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const {
      apiVersion,
      kind,
      request: review,
    } = JSON.parse(body) as {
      apiVersion: string;
      kind: string;
      request: { uid: string };
    };
    reviews += 1;
    const patch = Buffer.from(JSON.stringify(injection)).toString('base64');
    const answer = { uid: review.uid, allowed: true, patchType: 'JSONPatch', patch };
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ apiVersion, kind, response: answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://${address}:${port}/`,
    certificate: Buffer.from(certificate).toString('base64'),
    reviews: () => reviews,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

describeCluster('a sidecar that an admission webhook puts before our container', ({ kubeconfig }) => {
  test('commands, files and the end are those of ours', async () => {
    const { server } = await resolveCluster({ kubeconfig });
    await using webhook = await startWebhook(await findOwnAddress(server));
    await inNamespace(kubeconfig, {}, async (given) => {
      const { client, namespace } = given;
      const engine = createKubernetesEngine({ kubeconfig, namespace });
      const name = `inject-${namespace}`;
      const body = {
        metadata: { name },
        webhooks: [
          {
            name: 'inject.example.com',
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            failurePolicy: 'Fail',
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
            clientConfig: { url: webhook.url, caBundle: webhook.certificate },
          },
        ],
      };
      await client.request({ method: 'POST', path: configurations, body, signal });
      try {
        // The API server takes a moment to see a new webhook.
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        const warnings: string[] = [];
        const { id } = await engine.startEnvironment(
          { sessionId: 'mesh', image: busyboxImage, leaseMs: 10_000 },
          { onWarning: (text) => warnings.push(text) },
        );
        expect(warnings).toContainEqual(expect.stringMatching(/^the container a-mesh, which/));
        expect(webhook.reviews()).toBe(1);
        const { path, name: pod } = await findPod(given);
        const { spec } = await client.request<{ spec: { containers: { name: string }[] } }>({
          method: 'GET',
          path: `${path}/${pod}`,
          signal,
        });
        expect(spec.containers.map((container) => container.name)).toEqual(['a-mesh', 'agent']);
        expect((await engine.exec(id, ['sh', '-c', 'echo ours; id -u; touch /workspace/made'])).stdout).toBe(
          'ours\n10000\n',
        );
        expect(await engine.inspectEnvironment(id)).toMatchObject({ phase: 'Running' });
        // The sidecar keeps the pod after the lease, so it must be seen, and can be stopped.
        await engine.close();
        const seen = expect.poll(() => given.engine.listEnvironments(), { timeout: 60_000, interval: 500 });
        await seen.toMatchObject([{ id, reason: 'LeaseExpired', message: expect.stringContaining('a-mesh') }]);
        await given.engine.stopEnvironment(id);
      } finally {
        await engine.close();
        await client.request({ method: 'DELETE', path: `${configurations}/${name}`, signal });
      }
    });
  });
});
