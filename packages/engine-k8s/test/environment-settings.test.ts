import process from 'node:process';
import { describeCluster } from '@recac/e2e-cluster';
import { expect, test, vi } from 'vitest';
import { createKubernetesEngine, type KubernetesEngineOptions } from '../src/index.ts';
import type { Pod } from '../src/job/pod.ts';
import { busyboxImage, findPod, inNamespace, type TestNamespace } from './test-namespace.ts';

vi.setConfig({ testTimeout: 120_000 });

const signal = AbortSignal.timeout(600_000);

async function readPod(given: TestNamespace): Promise<Pod & { readonly spec: Record<string, unknown> }> {
  const { path, name } = await findPod(given);
  return given.client.request({ method: 'GET', path: `${path}/${name}`, signal });
}

const sleeper = { image: busyboxImage, imagePullPolicy: 'IfNotPresent', command: ['sleep', '1000'] };
const restricted = {
  runAsNonRoot: true,
  runAsUser: 10_000,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/** As a node of this machine has it. */
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

const settings: readonly [string, KubernetesEngineOptions, object][] = [
  [
    'node_selector',
    { nodeSelector: { 'kubernetes.io/arch': architecture } },
    { spec: { nodeSelector: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': architecture } } },
  ],
  [
    'tolerations',
    { tolerations: [{ key: 'example.com/agents', operator: 'Exists', effect: 'NoSchedule' }] },
    {
      spec: {
        tolerations: expect.arrayContaining([{ key: 'example.com/agents', operator: 'Exists', effect: 'NoSchedule' }]),
      },
    },
  ],
  [
    'priority_class',
    { priorityClass: 'system-node-critical' },
    { spec: { priorityClassName: 'system-node-critical', priority: 2_000_001_000 } },
  ],
  ['image_pull_secrets', { imagePullSecrets: ['pull'] }, { spec: { imagePullSecrets: [{ name: 'pull' }] } }],
  ['runtime_class', { runtimeClass: 'test-runtime' }, { spec: { runtimeClassName: 'test-runtime' } }],
  ['labels', { labels: { team: 'red' } }, { metadata: { labels: { team: 'red', 'recac.dev/managed': 'true' } } }],
  [
    'annotations',
    { annotations: { 'example.com/why': 'because' } },
    { metadata: { annotations: { 'example.com/why': 'because' } } },
  ],
  [
    'resources',
    { resources: { requests: { cpu: '10m' }, limits: { memory: '64Mi', ephemeralStorage: '1Gi' } } },
    {
      spec: {
        containers: [
          { resources: { requests: { cpu: '10m' }, limits: { memory: '64Mi', 'ephemeral-storage': '1Gi' } } },
        ],
      },
    },
  ],
  [
    'pod_template',
    {
      podTemplate: {
        metadata: { labels: { from: 'template' } },
        spec: {
          dnsPolicy: 'None',
          dnsConfig: { nameservers: ['198.51.100.53'] },
          volumes: [{ name: 'cache', emptyDir: {} }],
          containers: [{ name: 'agent', volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }],
        },
      },
    },
    {
      metadata: { labels: { from: 'template' } },
      spec: {
        dnsConfig: { nameservers: ['198.51.100.53'] },
        containers: [{ volumeMounts: expect.arrayContaining([{ name: 'cache', mountPath: '/cache' }]) }],
      },
    },
  ],
];

describeCluster('settings of Jobs, in the real pod', ({ kubeconfig }) => {
  test.each(settings)('%s', async (name, options, expected) => {
    // Priority classes of the system are allowed in kube-system, and where a quota says so.
    await inNamespace(kubeconfig, options, async (given) => {
      const runtime = '/apis/node.k8s.io/v1/runtimeclasses';
      if (name === 'runtime_class') {
        const body = { metadata: { name: 'test-runtime' }, handler: 'runc' };
        await given.client.request({ method: 'POST', path: runtime, body, signal });
      }
      try {
        const { id } = await given.engine.startEnvironment({ sessionId: 'set', image: busyboxImage });
        expect(await readPod(given)).toMatchObject(expected);
        expect((await given.engine.exec(id, ['echo', 'works'])).stdout).toBe('works\n');
        await given.engine.stopEnvironment(id);
      } finally {
        if (name === 'runtime_class')
          await given.client.request({ method: 'DELETE', path: `${runtime}/test-runtime`, signal });
      }
    });
  });

  test('a sidecar before ours: commands, state and the cause of an end are those of our container', async () => {
    const failing = { name: 'a-failing', ...sleeper, command: ['false'], securityContext: restricted };
    const podTemplate = {
      spec: {
        initContainers: [{ name: 'proxy', ...sleeper, restartPolicy: 'Always', securityContext: restricted }],
        containers: [failing],
      },
    };
    await inNamespace(kubeconfig, { podTemplate }, async (given) => {
      const warnings: string[] = [];
      const { id } = await given.engine.startEnvironment(
        { sessionId: 'sidecar', image: busyboxImage },
        { onWarning: (warning) => warnings.push(warning) },
      );
      expect(warnings.join('\n')).toMatch(/a-failing.*init container with restartPolicy Always/);
      expect((await given.engine.exec(id, ['sh', '-c', 'tr "\\0" " " </proc/1/cmdline'])).stdout).toContain('recac');
      const isOver = async () =>
        (await readPod(given)).status?.containerStatuses?.some(
          ({ name, state }) => name === 'a-failing' && state?.terminated?.exitCode === 1,
        );
      await expect.poll(isOver, { timeout: 20_000 }).toBe(true);
      expect(await given.engine.inspectEnvironment(id)).toMatchObject({ phase: 'Running' });
      expect((await given.engine.exec(id, ['echo', 'still'])).stdout).toBe('still\n');
      await given.engine.stopEnvironment(id);
    });
  });

  test('a container that somebody adds for debugging does not confuse us', async () => {
    await inNamespace(kubeconfig, {}, async (given) => {
      const { id } = await given.engine.startEnvironment({ sessionId: 'debug', image: busyboxImage });
      const { path, name } = await findPod(given);
      const body = { spec: { ephemeralContainers: [{ name: 'debug', ...sleeper, securityContext: restricted }] } };
      const contentType = 'application/strategic-merge-patch+json';
      await given.client.request({
        method: 'PATCH',
        path: `${path}/${name}/ephemeralcontainers`,
        body,
        contentType,
        signal,
      });
      expect((await given.engine.exec(id, ['echo', 'ours'])).stdout).toBe('ours\n');
      expect(await given.engine.inspectEnvironment(id)).toMatchObject({ phase: 'Running' });
      await given.engine.stopEnvironment(id);
    });
  });

  test('a container that Kubernetes starts again is never continued in, by no client (fault 42)', async () => {
    await inNamespace(kubeconfig, { restartPolicy: 'OnFailure' }, async (given) => {
      const { engine, namespace } = given;
      const { id } = await engine.startEnvironment({ sessionId: 'again', image: busyboxImage });
      const running = await engine.spawn(id, ['sh', '-c', 'echo begun; sleep 1000']);
      const first = (await readPod(given)).status?.containerStatuses?.[0]?.containerID;
      await engine.exec(id, ['kill', '1']).catch(() => {});
      const isAgain = async () => {
        const [status] = (await readPod(given)).status?.containerStatuses ?? [];
        return status?.restartCount === 1 && status.containerID !== first && status.state?.running !== undefined;
      };
      const outcome = await running.wait();
      expect(outcome.outcome).toMatchObject({
        type: 'lost',
        reason: expect.stringMatching(/started again|was killed \(exit code 143\)/),
      });
      const reason = expect.stringMatching(/^(Exited|ContainerRestarted)$/);
      const isOver = { code: 'RECAC_ENVIRONMENT_NOT_FOUND', details: { reason } };
      await expect(engine.exec(id, ['touch', '/workspace/ran'])).rejects.toMatchObject(isOver);
      const terminal = { columns: 80, rows: 24 };
      await expect(engine.spawn(id, ['touch', '/workspace/ran'], { terminal })).rejects.toMatchObject(isOver);
      {
        await using other = createKubernetesEngine({ kubeconfig, namespace });
        await expect(other.exec(id, ['touch', '/workspace/ran'])).rejects.toMatchObject(isOver);
        await expect.poll(isAgain, { timeout: 30_000 }).toBe(true);
        for (const client of [engine, other]) {
          await expect(client.exec(id, ['touch', '/workspace/ran'])).rejects.toMatchObject({
            details: { reason: 'ContainerRestarted' },
          });
        }
        expect(await other.inspectEnvironment(id)).toMatchObject({ phase: 'Failed', reason: 'ContainerRestarted' });
      }
      await engine.stopEnvironment(id);
    });
  });

  test('fields that recac relies on are refused by name, before anything is created', async () => {
    const podTemplate = { spec: { containers: [{ name: 'agent', command: ['sleep'] }] } };
    await inNamespace(kubeconfig, { podTemplate }, async (given) => {
      await expect(given.engine.startEnvironment({ sessionId: 'no', image: busyboxImage })).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
        details: { field: 'kubernetes.pod_template.spec.containers[agent].command' },
      });
      expect(await given.count()).toBe(0);
    });
  });
});
