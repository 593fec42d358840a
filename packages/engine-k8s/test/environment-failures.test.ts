import { describeCluster } from '@recac/e2e-cluster';
import type { StartEvent } from '@recac/engine-core';
import { expect, test, vi } from 'vitest';
import type { ClusterAccess } from '../src/cluster/cluster-access.ts';
import { createKubernetesEngine } from '../src/index.ts';
import { busyboxImage, failedStart, findPod, inNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

describeCluster('a start that fails says why, early, and leaves nothing', ({ kubeconfig }) => {
  test('quota used up: it waits, says so, and the pending limit names it', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      await given.create('resourcequotas', { metadata: { name: 'few' }, spec: { hard: { pods: '0' } } });
      const error = await failedStart(given, { pendingTimeoutMs: 5_000 });
      expect(error.code).toBe('RECAC_ENVIRONMENT_START_TIMEOUT');
      expect(error.message).toMatch(/quota/);
      expect(error.message).toContain('few');
    });
  });

  test('a quota on Jobs is waited for as well: until the pending limit, which names it, or until there is room', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const quota = (jobs: string) => ({ metadata: { name: 'no-jobs' }, spec: { hard: { 'count/jobs.batch': jobs } } });
      await given.create('resourcequotas', quota('0'));
      const error = await failedStart(given, { pendingTimeoutMs: 5_000 });
      expect(error).toMatchObject({ code: 'RECAC_ENVIRONMENT_START_TIMEOUT', details: { phase: 'admit' } });
      expect(error.message).toMatch(/quota no-jobs of the namespace is used up \(requested: count\/jobs.batch=1/);
      const waiting = Promise.withResolvers<void>();
      const onEvent = ({ state }: StartEvent) => state === 'waiting' && waiting.resolve();
      const starting = given.engine.startEnvironment({ sessionId: 'room', image: busyboxImage }, { onEvent });
      await waiting.promise;
      const path = `/api/v1/namespaces/${given.namespace}/resourcequotas/no-jobs`;
      await given.client.request({ method: 'DELETE', path, signal: AbortSignal.timeout(10_000) });
      await given.engine.stopEnvironment((await starting).id);
    });
  });

  test('Pod Security refuses what is not restricted', async () => {
    const namespaceLabels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await inNamespace(kubeconfig, { namespaceLabels, hardening: 'runtime-default' }, async (given) => {
      const error = await failedStart(given, {});
      expect(error.message).toMatch(/Pod Security/);
      expect(error.details.phase).toBe('admit');
    });
  });

  test('Pod Security forbids a directory of the node, and the message names the remedy', async () => {
    const namespaceLabels = { 'pod-security.kubernetes.io/enforce': 'baseline' };
    await inNamespace(kubeconfig, { namespaceLabels }, async (given) => {
      const error = await failedStart(given, { workspace: { type: 'bind', hostPath: '/srv' } });
      expect(error).toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE', details: { reason: 'HostPathForbidden' } });
      expect(error.message).toMatch(/profile baseline:latest forbids.*enforce=privileged/);
    });
  });

  test('what is started by default fits the restricted profile', async () => {
    const namespaceLabels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await inNamespace(kubeconfig, { namespaceLabels }, async ({ engine }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'restricted', image: busyboxImage });
      const { stdout } = await engine.exec(id, [
        'sh',
        '-c',
        'id -u; grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status; ls /var/run/secrets 2>&1',
      ]);
      expect(stdout).toMatch(/^10000\n/);
      expect(stdout).toMatch(/CapEff:\s+0000000000000000/);
      expect(stdout).toMatch(/NoNewPrivs:\s+1/);
      expect(stdout).toMatch(/Seccomp:\s+2/);
      expect(stdout).toMatch(/No such file/);
      await engine.stopEnvironment(id);
    });
  });

  test('a service account that does not exist', async () => {
    await inNamespace(kubeconfig, { serviceAccount: 'nobody' }, async (given) => {
      const error = await failedStart(given, {});
      expect(error.message).toMatch(/service ?account/i);
      expect(error.message).toContain('nobody');
    });
  });

  test('no node takes it: the pending limit says what is missing', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const error = await failedStart(given, { resources: { requests: { cpu: '1000' } }, pendingTimeoutMs: 5_000 });
      expect(error).toMatchObject({ code: 'RECAC_ENVIRONMENT_START_TIMEOUT', details: { phase: 'schedule' } });
      expect(error.message).toMatch(/Last seen: FailedScheduling: .*Insufficient cpu/);
      expect(error.details.evidence).toEqual([
        expect.stringMatching(/^pod recac-agent-\S+: Pending, PodScheduled is False \(Unschedulable: .*cpu/),
        expect.stringMatching(/^SuccessfulCreate: /),
        expect.stringMatching(/^FailedScheduling: .*cpu/),
      ]);
    });
  });

  test('an image that is not on the node and may not be pulled', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const error = await failedStart(given, { image: 'recac-test/nowhere:1', pullPolicy: 'never' });
      expect(error).toMatchObject({ code: 'RECAC_IMAGE_NOT_FOUND' });
    });
  });

  test('a registry that cannot be reached', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const error = await failedStart(given, { image: 'localhost:1/nowhere:1', pendingTimeoutMs: 60_000 });
      expect(['RECAC_IMAGE_PULL_FAILED', 'RECAC_IMAGE_NOT_FOUND']).toContain(error.code);
      expect(error.message).toContain('localhost:1/nowhere');
    });
  });

  test('a Secret that does not exist', async () => {
    const podTemplate = { spec: { containers: [{ name: 'agent', envFrom: [{ secretRef: { name: 'absent' } }] }] } };
    await inNamespace(kubeconfig, { podTemplate }, async (given) => {
      const error = await failedStart(given, { pendingTimeoutMs: 60_000 });
      expect(error.message).toContain('absent');
      expect(error.code).toBe('RECAC_ENVIRONMENT_START_FAILED');
    });
  });

  test('a claim that does not exist', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const workspace = { type: 'persistentVolumeClaim', claimName: 'absent' } as const;
      const error = await failedStart(given, { workspace, pendingTimeoutMs: 60_000 });
      expect(error.message).toContain('absent');
      expect(error.code).not.toBe('RECAC_ENVIRONMENT_START_TIMEOUT');
    });
  });

  test('an image without sh', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const error = await failedStart(given, { image: 'recac-test/no-shell:1', pendingTimeoutMs: 60_000 });
      expect(error.message).toMatch(/no `?sh`?/);
    });
  });

  test('a pod that somebody deletes while it runs is lost, with the reason, and there is no twin', async () => {
    await inNamespace(kubeconfig, {}, async ({ engine, client, namespace }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'deleted', image: busyboxImage });
      const running = engine.exec(id, ['sh', '-c', 'echo begun; sleep 300']);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const signal = AbortSignal.timeout(10_000);
      const { path, name } = await findPod({ client, namespace });
      await client.request({ method: 'DELETE', path: `${path}/${name}`, signal });
      const { outcome, stdout } = await running;
      expect(outcome.type).toBe('lost');
      expect(stdout).toBe('begun\n');
      await engine.stopEnvironment(id);
    });
  });

  test('an eviction is a loss of the environment, not a failure of the command', async () => {
    await inNamespace(kubeconfig, {}, async ({ engine, client, namespace }) => {
      const { id } = await engine.startEnvironment({ sessionId: 'evicted', image: busyboxImage });
      const running = engine.exec(id, ['sh', '-c', 'echo begun; sleep 300']);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const signal = AbortSignal.timeout(10_000);
      const { path, name } = await findPod({ client, namespace });
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
      await client.request({ method: 'POST', path: `${path}/${name}/eviction`, body, signal });
      const { outcome } = await running;
      expect(outcome.type).toBe('lost');
      await engine.stopEnvironment(id);
    });
  });

  test('missing rights are named before anything is created, with a Role to apply', async () => {
    await inNamespace(kubeconfig, {}, async ({ client, namespace }) => {
      const { access } = client;
      const weak: ClusterAccess = {
        ...access,
        server: access.server,
        contextName: 'weak',
        credentials: async (options) => {
          const own = await access.credentials(options);
          return { ...own, headers: { ...own.headers, 'Impersonate-User': 'nobody' } };
        },
      };
      await using engine = createKubernetesEngine({ access: weak, namespace });
      await expect(failedStart({ engine }, {})).resolves.toMatchObject({
        code: 'RECAC_PERMISSION_DENIED',
        message: expect.stringContaining('kind: Role'),
      });
      await expect(engine.listEnvironments()).rejects.toMatchObject({ details: { verb: 'list' } });
    });
  });
});
