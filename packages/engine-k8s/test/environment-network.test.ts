import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import {
  createTestWorld,
  describeOwnCluster,
  parseVersion,
  type RunningCluster,
  startCluster,
  startNameServer,
  worldAddresses,
} from '@recac/e2e-cluster';
import type { EnvironmentSpec } from '@recac/engine-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createKubernetesEngine } from '../src/index.ts';

vi.setConfig({ testTimeout: 60_000 });

const busybox = 'recac-test/busybox:1';
const debian = 'recac-test/debian:1';
const publicEndpoint = worldAddresses.otherPublic;

describeOwnCluster('network presets on a cluster, by trying', () => {
  let cluster: RunningCluster;
  let world: Disposable;
  let targets: Record<string, string>;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-presets-'));
    const version = parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION);
    cluster = await startCluster({ directory, version });
    world = await createTestWorld(directory);
    await cluster.kubectl('create', 'namespace', 'agents');
    await cluster.apply(neighbour, neighbourService, secondEndpoint);
    await startNameServer(cluster);
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/neighbour', '--timeout=60s');
    const node = new URL(cluster.server).hostname;
    targets = {
      ...Object.fromEntries(Object.entries(worldAddresses).map(([name, address]) => [name, `${address} 80`])),
      metadataDns: `${worldAddresses.metadata} 53`,
      neighbour: `${await read('pod', 'neighbour', '{.status.podIP}')} 8080`,
      service: `${await read('service', 'neighbour', '{.spec.clusterIP}')} 8080`,
      nameServerMetrics: `${cluster.dnsAddress} 9153`,
      apiServer: `${await read('service', 'kubernetes', '{.spec.clusterIP}')} 443`,
      apiServerEndpoint: `${node} 6443`,
      kubelet: `${node} 10250`,
    };
  }, 180_000);

  afterAll(async () => {
    world?.[Symbol.dispose]();
    await cluster?.stop();
  }, 60_000);

  function read(kind: string, name: string, path: string): Promise<string> {
    return cluster.kubectl('get', kind, name, '-o', `jsonpath=${path}`);
  }

  /** Starts an environment, and tries from inside what answers. */
  async function tryFrom(spec: Partial<EnvironmentSpec>) {
    await using engine = createKubernetesEngine({ kubeconfig: cluster.kubeconfig, namespace: 'agents' });
    const warnings: string[] = [];
    const sessionId = `net-${spec.network ?? 'default'}`;
    const { id } = await engine.startEnvironment(
      { sessionId, image: busybox, ...spec },
      { onWarning: (text) => warnings.push(text) },
    );
    try {
      const tries = Object.entries(targets).map(
        ([name, target]) =>
          `([ "$(${request} | timeout 3 nc ${target} 2>/dev/null | head -c 4)" = HTTP ] && echo ${name}) &`,
      );
      const { stdout } = await engine.exec(id, ['sh', '-c', `${tries.join('\n')}\nwait`]);
      const names = await engine.exec(id, ['sh', '-c', 'timeout 3 nslookup -type=a somewhere.test. 2>&1']);
      const reached = Object.keys(targets).filter((name) => stdout.split('\n').includes(name));
      return { reached, hasNames: names.stdout.includes('203.0.113.10'), warnings };
    } finally {
      await engine.stopEnvironment(id);
    }
  }

  async function refusal(spec: Partial<EnvironmentSpec>) {
    await using engine = createKubernetesEngine({ kubeconfig: cluster.kubeconfig, namespace: 'agents' });
    return await engine.startEnvironment({ sessionId: 'refused', image: busybox, ...spec }).then(
      () => expect.unreachable('it started'),
      (error) => error,
    );
  }

  const leftovers = (): Promise<string> => cluster.kubectl('-n', 'agents', 'get', 'jobs,networkpolicies', '-o', 'name');

  test('open: everything is reached, so servers and probes work', async () => {
    const { reached, hasNames } = await tryFrom({ network: 'open' });
    // The kubelet answers plain HTTP with a refusal in HTTP.
    expect(reached).toEqual(Object.keys(targets));
    expect(hasNames).toBe(true);
  });

  test('none, which is the default: nothing is reached, no names either', async () => {
    expect(await tryFrom({})).toMatchObject({ reached: [], hasNames: false, warnings: [] });
  });

  test('internet: public addresses and names, and of the metadata address only names; the API server is closed at a public address too', async () => {
    const found = await tryFrom({ network: 'internet' });
    expect(found).toMatchObject({ reached: ['public', 'metadataDns'], hasNames: true, warnings: [] });
  });

  test('the same where what is not allowed gets no answer', async () => {
    await cluster.treatPolicies('drop');
    try {
      expect(await tryFrom({})).toMatchObject({ reached: [], warnings: [] });
      expect(await tryFrom({ network: 'internet' })).toMatchObject({
        reached: ['public', 'metadataDns'],
        warnings: [],
      });
    } finally {
      await cluster.treatPolicies('reject');
    }
  });

  test('where a pod reaches its own node whatever policies say, the start says that the API server is open', async () => {
    await cluster.treatPolicies('spare-node');
    try {
      const { reached, warnings } = await tryFrom({});
      expect(reached).toEqual(['apiServer', 'apiServerEndpoint', 'kubelet']);
      expect(warnings).toEqual([expect.stringContaining('API server open')]);
    } finally {
      await cluster.treatPolicies('reject');
    }
  });

  test.each([
    ['none', busybox],
    ['internet', busybox],
    ['none', debian],
    ['internet', debian],
  ] as const)(
    'a cluster that ignores policies: %s is refused from %s, with the way out; nothing is left',
    async (network, image) => {
      await cluster.treatPolicies('ignore');
      try {
        const error = await refusal({ network, image });
        expect(error).toMatchObject({
          code: 'RECAC_ENVIRONMENT_START_FAILED',
          message: expect.stringContaining('--network open'),
          details: { reason: 'NetworkNotEnforced' },
        });
        await expect.poll(leftovers, { timeout: 20_000 }).toBe('');
        const { reached } = await tryFrom({ network: 'open' });
        expect(reached).toEqual(Object.keys(targets));
      } finally {
        await cluster.treatPolicies('reject');
      }
    },
  );
});

const request = "printf 'GET / HTTP/1.0\\r\\n\\r\\n'";

const neighbour = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'neighbour', namespace: 'default', labels: { app: 'neighbour' } },
  spec: {
    containers: [
      {
        name: 'main',
        image: busybox,
        command: ['sh', '-c', 'mkdir /tmp/www; echo here >/tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www'],
      },
    ],
    terminationGracePeriodSeconds: 0,
  },
};

const neighbourService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'neighbour', namespace: 'default' },
  spec: { selector: { app: 'neighbour' }, ports: [{ port: 8080 }] },
};

/** As on managed clusters: another address of the API server, which is public. kube-proxy leaves it out, since its port has another name. */
const secondEndpoint = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'public', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  ports: [{ name: 'other', port: 80, protocol: 'TCP' }],
  endpoints: [{ addresses: [publicEndpoint] }],
};
