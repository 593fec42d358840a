import { describe, expect, test } from 'vitest';
import { type ConfigIssue, checkConfig, parseConfig, RecacError } from '../src/index.ts';

function issuesOf(written: unknown): readonly ConfigIssue[] {
  const check = checkConfig(written);
  return check.ok ? [] : check.issues;
}

const defaults = {
  runner: {},
  kubernetes: { namespace: 'default', resources: { requests: {}, limits: {} } },
  docker: { hardening: 'full' },
  local: { isolation: 'none' },
  workspace: { strategy: 'auto' },
  session: { pendingTimeoutMs: 300_000, leaseMs: 900_000, killGraceMs: 5_000, env: {} },
};

describe('parseConfig', () => {
  test.each([[{}], [null], [undefined], [{ runner: null, kubernetes: { resources: { limits: null } } }]])(
    'fills in the defaults: %j',
    (written) => {
      expect(parseConfig(written)).toEqual(defaults);
    },
  );

  test("reads the specification's example", () => {
    const config = parseConfig({
      runner: { backend: 'kubernetes' },
      kubernetes: {
        kubeconfig: '~/.kube/config',
        context: 'my-cluster',
        namespace: 'recac-agents',
        pvc_name: 'recac-workspace',
        resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '2000m', memory: '4Gi' } },
        service_account: 'recac-agent-sa',
      },
    });
    expect(config.runner).toEqual({ backend: 'kubernetes' });
    expect(config.kubernetes).toEqual({
      kubeconfig: '~/.kube/config',
      context: 'my-cluster',
      namespace: 'recac-agents',
      pvcName: 'recac-workspace',
      resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '2000m', memory: '4Gi' } },
      serviceAccount: 'recac-agent-sa',
    });
  });

  test('normalizes every other section', () => {
    const config = parseConfig({
      docker: { host: 'ssh://me@build', context: 'rootless', dns_servers: ['10.0.0.53'] },
      local: { isolation: 'bwrap', state_directory: '~/state' },
      workspace: { strategy: 'git', path: '.' },
      session: {
        image: 'node:24',
        timeout: '1h30m',
        idle_timeout: '10m',
        pending_timeout: '90s',
        lease: 'none',
        kill_grace: '0s',
        user: '1000:1000',
        env: { 'with.dot': '', B: 'x\ny' },
        network: 'internet',
      },
    });
    expect(config).toMatchObject({
      docker: { host: 'ssh://me@build', context: 'rootless', network: { dnsServers: ['10.0.0.53'] } },
      local: { isolation: 'bwrap', stateDirectory: '~/state' },
      workspace: { strategy: 'git', path: '.' },
    });
    expect(config.session).toEqual({
      image: 'node:24',
      timeoutMs: 5_400_000,
      idleTimeoutMs: 600_000,
      pendingTimeoutMs: 90_000,
      killGraceMs: 0,
      user: '1000:1000',
      env: { 'with.dot': '', B: 'x\ny' },
      network: 'internet',
    });
  });

  test.each(['local', 'docker', 'kubernetes', 'recac-engine-firecracker', '@me/engine'])(
    'accepts the backend %s',
    (backend) => {
      expect(parseConfig({ runner: { backend } }).runner.backend).toBe(backend);
    },
  );

  test('accepts numbers as quantities, and sections of backends that are not chosen', () => {
    const config = parseConfig({
      runner: { backend: 'docker' },
      docker: {},
      kubernetes: { resources: { limits: { cpu: 0.5, memory: 1e9 } } },
    });
    expect(config.kubernetes.resources.limits).toEqual({ cpu: '0.5', memory: '1000000000' });
  });

  test('throws one error with every problem', () => {
    const written = {
      runer: {},
      kubernetes: { namespace: 123, pvcName: 'x' },
      session: { lease: '0s', env: { A: 1, 'B=': '' } },
    };
    expect(() => parseConfig(written)).toThrow(RecacError);
    try {
      parseConfig(written);
    } catch (error) {
      const { code, details, message } = error as RecacError;
      const issues = details.issues as readonly ConfigIssue[];
      expect(code).toBe('RECAC_CONFIG_INVALID');
      expect(issues.map(({ path }) => path).sort()).toEqual([
        'kubernetes.namespace',
        'kubernetes.pvcName',
        'runer',
        'session.env."B="',
        'session.env.A',
        'session.lease',
      ]);
      for (const issue of issues) {
        expect(issue.message).toContain(`${issue.path} ${issue.rule}. `);
        expect(message).toContain(issue.message);
      }
    }
  });
});

describe('problems', () => {
  test.each<[unknown, string, RegExp, string?]>([
    [{ Runner: {} }, 'Runner', /no known key/, 'runner'],
    [{ kubernets: {} }, 'kubernets', /no known key/, 'kubernetes'],
    [{ namespace: 'x' }, 'namespace', /no known key/, 'kubernetes.namespace'],
    [{ kubernetes: { pvcName: 'x' } }, 'kubernetes.pvcName', /no known key/, 'kubernetes.pvc_name'],
    [
      { kubernetes: { 'service-account': 'x' } },
      'kubernetes.service-account',
      /no known key/,
      'kubernetes.service_account',
    ],
    [{ kubernetes: { cpu: 1 } }, 'kubernetes.cpu', /no known key/, 'kubernetes.resources.requests.cpu'],
    [{ kubernetes: { replicas: 1 } }, 'kubernetes.replicas', /no known key/],
    [{ session: { '\u001b[31m': 1 } }, 'session."\\u001b[31m"', /no known key/],
    [[], '', /section of keys, not a list/],
    ['x', '', /section of keys, not text/],
    [{ kubernetes: [] }, 'kubernetes', /section of keys, not a list/],
    [{ runner: { backend: ['docker'] } }, 'runner.backend', /text, not a list/],
    [{ runner: { backend: true } }, 'runner.backend', /not the true\/false value true/],
    [{ runner: { backend: null } }, 'runner.backend', /has no value/],
    [{ runner: { backend: '' } }, 'runner.backend', /empty/],
    [{ runner: { backend: 'Docker' } }, 'runner.backend', /must be local/, 'docker'],
    [{ runner: { backend: 'kubernetse' } }, 'runner.backend', /must be local/, 'kubernetes'],
    [{ runner: { backend: 'k8s' } }, 'runner.backend', /must be local/, 'kubernetes'],
    [{ runner: { backend: '../evil' } }, 'runner.backend', /must be local/],
    [{ runner: { backend: 'file:///evil.js' } }, 'runner.backend', /must be local/],
    [{ kubernetes: { namespace: 123 } }, 'kubernetes.namespace', /not the number 123/],
    [{ kubernetes: { namespace: 'Upper' } }, 'kubernetes.namespace', /lower-case/],
    [{ kubernetes: { namespace: 'a.b' } }, 'kubernetes.namespace', /lower-case/],
    [{ kubernetes: { namespace: 'x'.repeat(64) } }, 'kubernetes.namespace', /63/],
    [{ kubernetes: { namespace: 'kube-system' } }, 'kubernetes.namespace', /own namespaces/],
    [{ kubernetes: { pvc_name: '' } }, 'kubernetes.pvc_name', /empty/],
    [{ kubernetes: { pvc_name: 'a/b' } }, 'kubernetes.pvc_name', /lower-case/],
    [{ kubernetes: { kubeconfig: '~root/x' } }, 'kubernetes.kubeconfig', /~user/],
    [{ kubernetes: { kubeconfig: 'a\nb' } }, 'kubernetes.kubeconfig', /control/],
    [
      { kubernetes: { resources: { limits: { memory: '1GiB' } } } },
      'kubernetes.resources.limits.memory',
      /no quantity/,
      '1Gi',
    ],
    [{ kubernetes: { resources: { limits: { memory: '-1' } } } }, 'kubernetes.resources.limits.memory', /negative/],
    [{ kubernetes: { resources: { limits: { memory: -1 } } } }, 'kubernetes.resources.limits.memory', /negative/],
    [{ kubernetes: { resources: { limits: { memory: 0 } } } }, 'kubernetes.resources.limits.memory', /more than 0/],
    [
      { kubernetes: { resources: { limits: { memory: '500m' } } } },
      'kubernetes.resources.limits.memory',
      /whole number of bytes/,
    ],
    [{ kubernetes: { resources: { limits: { memory: '1e99' } } } }, 'kubernetes.resources.limits.memory', /exceed/],
    [{ kubernetes: { resources: { limits: { cpu: '1.5.2' } } } }, 'kubernetes.resources.limits.cpu', /no quantity/],
    [{ kubernetes: { resources: { limits: { cpu: '1u' } } } }, 'kubernetes.resources.limits.cpu', /thousandths/],
    [{ kubernetes: { resources: { limits: { cpu: true } } } }, 'kubernetes.resources.limits.cpu', /must be a quantity/],
    [
      { kubernetes: { resources: { limits: { cpu: Number.NaN } } } },
      'kubernetes.resources.limits.cpu',
      /must be a quantity/,
    ],
    [{ docker: { host: '/var/run/docker.sock' } }, 'docker.host', /URL/],
    [{ docker: { host: 'ssh://me:secret@host' } }, 'docker.host', /password/],
    [{ docker: { host_addresses: ['203.0.113.0/24'] } }, 'docker.host_addresses.0', /IPv4 address/],
    [{ docker: { dns_servers: ['10.0.0.256'] } }, 'docker.dns_servers.0', /IPv4 address/],
    [{ local: { isolation: 'no' } }, 'local.isolation', /one of none, bwrap/, 'none'],
    [{ local: { isolation: false } }, 'local.isolation', /one of none, bwrap, not the true\/false value/],
    [{ workspace: { strategy: 'hostPath' } }, 'workspace.strategy', /one of/, 'host-path'],
    [{ workspace: { include: 'a' } }, 'workspace.include', /must be a list, not text/],
    [{ workspace: { include: 5 } }, 'workspace.include', /must be a list, not the number 5/],
    [{ workspace: { include: { a: 'b' } } }, 'workspace.include', /must be a list, not a section/],
    [{ workspace: { include: ['a', 5] } }, 'workspace.include.1', /must be text, not the number 5/],
    [{ workspace: { exclude: [''] } }, 'workspace.exclude.0', /must not be empty/],
    [{ workspace: { history: '50' } }, 'workspace.history', /must be none, full or a whole number, not text/],
    [{ workspace: { history: 'ful' } }, 'workspace.history', /must be none, full or a whole number/, 'full'],
    [{ workspace: { history: 1.5 } }, 'workspace.history', /or a whole number, not the number 1.5/],
    [{ workspace: { history: 0 } }, 'workspace.history', /must be at least 1/],
    [{ kubernetes: { tolerations: ['a'] } }, 'kubernetes.tolerations.0', /section of keys, not text/],
    [
      { kubernetes: { tolerations: [{ oprator: 'Exists' }] } },
      'kubernetes.tolerations.0.oprator',
      /no known key/,
      'kubernetes.tolerations.0.operator',
    ],
    [{ kubernetes: { tolerations: [{ namespace: 'x' }] } }, 'kubernetes.tolerations.0.namespace', /no known key/],
    [
      { kubernetes: { tolerations: [{ tolerationSeconds: '5' }] } },
      'kubernetes.tolerations.0.tolerationSeconds',
      /must be a whole number, not text/,
    ],
    [{ session: { timeout: 30 } }, 'session.timeout', /text, not the number 30/],
    [{ session: { timeout: '0s' } }, 'session.timeout', /more than 0/],
    [{ session: { timeout: '-1s' } }, 'session.timeout', /negative/],
    [{ session: { timeout: '5 minutes' } }, 'session.timeout', /no duration/],
    [{ session: { timeout: 'Infinity' } }, 'session.timeout', /no duration/],
    [{ session: { timeout: Number.NaN } }, 'session.timeout', /text/],
    [{ session: { lease: '999ms' } }, 'session.lease', /at least 1s/],
    [{ session: { pending_timeout: 'none' } }, 'session.pending_timeout', /no duration/],
    [{ session: { image: 'Node' } }, 'session.image', /lower-case/, 'node'],
    [{ session: { user: 'a:b:c' } }, 'session.user', /name, a uid/],
    [{ session: { env: ['A=1'] } }, 'session.env', /section of keys, not a list/],
    [{ session: { env: { A: 5 } } }, 'session.env.A', /text, not a number/],
    [{ session: { env: { '': 'x' } } }, 'session.env.""', /empty name/],
    [{ session: { network: 'off' } }, 'session.network', /one of none, internet, open/],
  ])('%j', (written, path, rule, suggestion) => {
    const issues = issuesOf(written);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.path).toBe(path);
    expect(issues[0]?.rule).toMatch(rule);
    expect(issues[0]?.suggestion).toBe(suggestion);
  });

  test('compares requests with limits, also beside other problems and in any spelling', () => {
    const resources = { requests: { cpu: '2001m', memory: '1Gi' }, limits: { cpu: 2, memory: '1G' } };
    const paths = issuesOf({ kubernetes: { namespace: '', resources } }).map(({ path }) => path);
    expect(paths).toEqual([
      'kubernetes.namespace',
      'kubernetes.resources.requests.cpu',
      'kubernetes.resources.requests.memory',
    ]);
    expect(issuesOf({ kubernetes: { resources: { requests: { cpu: '1000m' }, limits: { cpu: 1 } } } })).toEqual([]);
  });

  test('next steps of lists can be followed: what to write, and which keys an entry has', () => {
    const messages = issuesOf({
      workspace: { include: 5, exclude: [5] },
      kubernetes: { tolerations: [{ replicas: 1 }] },
    }).map(({ message }) => message);
    expect(messages).toEqual([
      'kubernetes.tolerations.0.replicas is no known key. The keys of kubernetes.tolerations.0 are key, operator, value, effect, tolerationSeconds. Remove it, or see recac config schema.',
      'workspace.include must be a list, not the number 5. Write its entries below it, each with "- " in front.',
      'workspace.exclude.0 must be text, not the number 5. Put it in quotes: - "5".',
    ]);
  });

  test('never shows a value of session.env', () => {
    const issues = issuesOf({ session: { env: { TOKEN: 'hunter2\0', OTHER: 424_242 } } });
    expect(issues).toHaveLength(2);
    expect(JSON.stringify(issues)).not.toMatch(/hunter2|424242/);
  });

  test('is not led astray by keys of Object', () => {
    const written = JSON.parse(
      '{"__proto__":{"a":1},"constructor":1,"session":{"env":{"__proto__":"x","toString":"y"}}}',
    );
    expect(
      issuesOf(written)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});
