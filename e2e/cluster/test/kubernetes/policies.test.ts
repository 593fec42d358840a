import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { describeOwnCluster } from '../../src/describe-cluster.ts';
import type { NetworkPolicy } from '../../src/policies/policy-objects.ts';
import { type RunningCluster, startCluster } from '../../src/start-cluster.ts';
import { createTestWorld, worldAddresses } from '../../src/test-world.ts';
import { parseVersion } from '../../src/versions.ts';

vi.setConfig({ testTimeout: 60_000 });

const timeout = 20_000;

const serve =
  'mkdir /tmp/www; echo here >/tmp/www/index.html; httpd -p 8080 -h /tmp/www; exec httpd -f -p 8081 -h /tmp/www';
const pods = [
  { namespace: 'home', name: 'client', labels: { role: 'client', tier: 'front' } },
  { namespace: 'home', name: 'server', labels: { role: 'server', tier: 'back' } },
  { namespace: 'away', name: 'client', labels: { role: 'client' } },
  { namespace: 'away', name: 'server', labels: { role: 'server' } },
];

/** What NetworkPolicies mean, by the documentation of networking.k8s.io/v1, tried with real pods. */
describeOwnCluster('NetworkPolicies on the test cluster', () => {
  let cluster: RunningCluster;
  let world: Disposable;
  const targets: Record<string, string> = {};

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-policies-'));
    const version = parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION);
    cluster = await startCluster({ directory, version, stays: true });
    world = await createTestWorld(directory);
    for (const name of ['home', 'away']) {
      await cluster.kubectl('create', 'namespace', name);
      await cluster.kubectl('label', 'namespace', name, `place=${name}`);
    }
    await cluster.apply(...pods.map((pod) => toPod(pod)));
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'home', name: 'server' },
      spec: { selector: { role: 'server' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    for (const { namespace, name } of pods) {
      await cluster.kubectl('-n', namespace, 'wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
      const address = await read('pod', namespace, name, '{.status.podIP}');
      targets[`${namespace}/${name}`] = `${address}:8080`;
      targets[`${namespace}/${name}:8081`] = `${address}:8081`;
    }
    targets.service = await read('service', 'home', 'server', '{.spec.clusterIP}');
    targets.api = `${await read('service', 'default', 'kubernetes', '{.spec.clusterIP}')}:443`;
    for (const [name, address] of Object.entries(worldAddresses)) targets[name] = address;
  }, 120_000);

  afterEach(async () => {
    await cluster.kubectl('delete', 'networkpolicies', '--all-namespaces', '--all');
  });

  afterAll(async () => {
    world?.[Symbol.dispose]();
    await cluster?.stop();
  }, 60_000);

  function read(kind: string, namespace: string, name: string, path: string): Promise<string> {
    return cluster.kubectl('-n', namespace, 'get', kind, name, '-o', `jsonpath=${path}`);
  }

  /** Those of some targets that answer a pod over HTTP; the API server's answer is a refusal of plain HTTP. */
  async function reach(from: string, names: readonly string[] = Object.keys(targets)): Promise<readonly string[]> {
    const [namespace = '', name = ''] = from.split('/');
    const tries = names.map((target) => {
      const [host, port = '80'] = targets[target]?.split(':') ?? [];
      return `(${ask(host, port)} | grep -qE '^HTTP/1.[01] (200|400)' && echo '${target}') &`;
    });
    const output = await cluster.kubectl('-n', namespace, 'exec', name, '--', 'sh', '-c', `${tries.join('\n')}\nwait`);
    return names.filter((target) => output.split('\n').includes(target));
  }

  async function applyPolicy(name: string, spec: Partial<NetworkPolicy['spec']>, namespace = 'home'): Promise<void> {
    const metadata = { namespace, name };
    await cluster.apply({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec });
  }

  const everyPod = { podSelector: {} };
  const clientOnly = { podSelector: { matchLabels: { role: 'client' } } };
  const serverOnly = { podSelector: { matchLabels: { role: 'server' } } };

  test('without a policy everything is reached, from every pod', async () => {
    expect(await reach('home/client')).toEqual(Object.keys(targets));
    expect(await reach('away/client', ['home/server'])).toEqual(['home/server']);
  });

  test('denying all egress: nothing but the pod itself is reached, and others still reach it', async () => {
    await applyPolicy('deny', { ...clientOnly, policyTypes: ['Egress'] });
    await expect.poll(() => reach('home/client'), { timeout }).toEqual(['home/client', 'home/client:8081']);
    expect(await reach('home/server', ['home/client', 'service'])).toEqual(['home/client', 'service']);
    expect(await reach('away/client', ['home/client'])).toEqual(['home/client']);
  });

  test('denying all ingress: nobody comes in, also not through a service; the pod still gets out, with answers', async () => {
    await applyPolicy('deny', { ...serverOnly, policyTypes: ['Ingress'] });
    await expect
      .poll(() => reach('home/client', ['home/server', 'service', 'away/server']), { timeout })
      .toEqual(['away/server']);
    expect(await reach('home/server', ['home/client', 'public', 'api'])).toEqual(['home/client', 'public', 'api']);
  });

  test('policies add up: what one of them allows is allowed', async () => {
    await applyPolicy('deny', { ...everyPod, policyTypes: ['Ingress', 'Egress'] });
    await applyPolicy('out', { ...clientOnly, policyTypes: ['Egress'], egress: [{ to: [serverOnly] }] });
    expect(await reach('home/client', ['home/server', 'away/client'])).toEqual([]);
    await applyPolicy('in', { ...serverOnly, policyTypes: ['Ingress'], ingress: [{ from: [clientOnly] }] });
    await expect
      .poll(() => reach('home/client', ['home/server', 'service', 'away/server']), { timeout })
      .toEqual(['home/server', 'service']);
    expect(await reach('away/client', ['home/server'])).toEqual([]);
  });

  test('a namespace selector alone means every pod there; with a pod selector, those of its pods; two peers are alternatives', async () => {
    const away = { namespaceSelector: { matchLabels: { place: 'away' } } };
    await applyPolicy('in', {
      ...everyPod,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ...away, ...clientOnly }] }],
    });
    await expect.poll(() => reach('away/server', ['home/server']), { timeout }).toEqual([]);
    expect(await reach('away/client', ['home/server'])).toEqual(['home/server']);
    await applyPolicy('in', { ...everyPod, policyTypes: ['Ingress'], ingress: [{ from: [away] }] });
    await expect.poll(() => reach('away/server', ['home/server']), { timeout }).toEqual(['home/server']);
    expect(await reach('home/client', ['home/server'])).toEqual([]);
    await applyPolicy('in', { ...everyPod, policyTypes: ['Ingress'], ingress: [{ from: [away, clientOnly] }] });
    await expect.poll(() => reach('home/client', ['home/server']), { timeout }).toEqual(['home/server']);
    expect(await reach('away/server', ['home/server'])).toEqual(['home/server']);
  });

  test('expressions select by set, presence and absence', async () => {
    const select = (...matchExpressions: object[]) => ({ podSelector: { matchExpressions } }) as typeof everyPod;
    const tier = (operator: string, ...values: string[]) => ({
      key: 'tier',
      operator,
      ...(values.length > 0 ? { values } : {}),
    });
    for (const [selector, expected] of [
      [select(tier('In', 'back', 'middle')), ['home/server']],
      [select(tier('NotIn', 'back')), ['home/client', 'away/client', 'away/server']],
      [select(tier('Exists')), ['home/client', 'home/server']],
      [select(tier('DoesNotExist')), ['away/client', 'away/server']],
    ] as const) {
      const to = [{ ...selector, namespaceSelector: {} }];
      await applyPolicy('out', {
        podSelector: { matchLabels: { role: 'client' } },
        policyTypes: ['Egress'],
        egress: [{ to }],
      });
      const names = pods.map(({ namespace, name }) => `${namespace}/${name}`);
      // A pod always reaches itself.
      const wanted = names.filter((name) => name === 'home/client' || (expected as readonly string[]).includes(name));
      await expect.poll(() => reach('home/client', names), { timeout }).toEqual(wanted);
    }
  });

  test('ports: numbers, names of the receiver, ranges; another protocol is another port', async () => {
    const both = ['home/server', 'home/server:8081'];
    for (const [port, expected] of [
      [{ port: 8080 }, ['home/server']],
      [{ port: 'other' }, ['home/server:8081']],
      [{ port: 8000, endPort: 8080 }, ['home/server']],
      [{ port: 8000, endPort: 8081 }, both],
      [{ port: 8080, protocol: 'UDP' }, []],
      [{ protocol: 'TCP' }, both],
    ] as const) {
      await applyPolicy('in', { ...serverOnly, policyTypes: ['Ingress'], ingress: [{ ports: [port] }] });
      await expect.poll(() => reach('home/client', both), { timeout, message: JSON.stringify(port) }).toEqual(expected);
      await cluster.kubectl('-n', 'home', 'delete', 'networkpolicy', 'in');
      await applyPolicy('out', {
        ...clientOnly,
        policyTypes: ['Egress'],
        egress: [{ to: [serverOnly], ports: [port] }],
      });
      await expect.poll(() => reach('home/client', both), { timeout, message: JSON.stringify(port) }).toEqual(expected);
      await cluster.kubectl('-n', 'home', 'delete', 'networkpolicy', 'out');
    }
  });

  test('ranges of addresses with exceptions: also where another rule allows what is excepted', async () => {
    const block = (cidr: string, ...except: string[]) => ({ ipBlock: { cidr, except } });
    const publics = ['public', 'otherPublic', 'private192', 'metadata'];
    const to = [block('203.0.113.0/24', '203.0.113.20/32'), block('192.168.0.0/16')];
    await applyPolicy('out', { ...clientOnly, policyTypes: ['Egress'], egress: [{ to }] });
    await expect.poll(() => reach('home/client', publics), { timeout }).toEqual(['public', 'private192']);
    await applyPolicy('more', { ...clientOnly, policyTypes: ['Egress'], egress: [{ to: [block('203.0.113.20/32')] }] });
    await expect
      .poll(() => reach('home/client', publics), { timeout })
      .toEqual(['public', 'otherPublic', 'private192']);
  });

  test('a pod that starts under a policy has not one moment without it', async () => {
    await applyPolicy('deny', { podSelector: { matchLabels: { role: 'late' } }, policyTypes: ['Egress'] });
    const script = `for i in $(seq 30); do ${ask(...(targets['home/server']?.split(':') ?? []))}; done; echo tried`;
    const pod = toPod({ namespace: 'home', name: 'late', labels: { role: 'late' } }, script);
    await cluster.apply({ ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } });
    await cluster.kubectl(
      '-n',
      'home',
      'wait',
      '--for=jsonpath={.status.phase}=Succeeded',
      'pod/late',
      '--timeout=50s',
    );
    expect(await cluster.kubectl('-n', 'home', 'logs', 'late')).toBe('tried\n');
  });

  test('modes: dropped instead of refused, the own node spared, policies ignored', async () => {
    await applyPolicy('deny', { ...clientOnly, policyTypes: ['Egress'] });
    await cluster.treatPolicies('drop');
    expect(await reach('home/client', ['api', 'public', 'home/server'])).toEqual([]);
    await cluster.treatPolicies('spare-node');
    expect(await reach('home/client', ['api', 'public', 'home/server'])).toEqual(['api']);
    await cluster.treatPolicies('ignore');
    expect(await reach('home/client')).toEqual(Object.keys(targets));
    await cluster.treatPolicies('reject');
    expect(await reach('home/client', ['api', 'public', 'home/server'])).toEqual([]);
  });
});

/** POSIX sh that prints the answer of a server to a request; busybox's wget does not work in a static program. */
function ask(host = '', port = ''): string {
  return `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 ${host} ${port} 2>/dev/null`;
}

function toPod(
  { namespace, name, labels }: (typeof pods)[number] | { namespace: string; name: string; labels: object },
  script = serve,
) {
  const ports = [
    { name: 'web', containerPort: 8080 },
    { name: 'other', containerPort: 8081 },
  ];
  const container = { name: 'main', image: 'recac-test/busybox:1', command: ['sh', '-c', script], ports };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels },
    spec: { containers: [container], terminationGracePeriodSeconds: 0 },
  };
}
