import { describe, expect, test } from 'vitest';
import { toJob } from '../../src/job/job-plan.ts';
import { facts } from './samples.ts';

const plan = (podTemplate: unknown, allowServiceAccountToken = false) =>
  toJob(
    { sessionId: 'x', image: 'node:24', environmentVariables: { A: 'ours' } },
    { namespace: 'agents', podTemplate, allowServiceAccountToken, tolerations: [{ key: 'one' }] },
    facts,
  );
const merge = (podTemplate: unknown) => plan(podTemplate).job.spec.template;

describe('a pod template', () => {
  test('adds sidecars, volumes, mounts, variables, resources and tolerations', () => {
    const { metadata, spec } = merge({
      metadata: { labels: { a: 'b' }, annotations: { 'sidecar.istio.io/inject': 'false' } },
      spec: {
        containers: [
          { name: 'proxy', image: 'proxy:1' },
          {
            name: 'agent',
            env: [
              { name: 'A', value: 'theirs' },
              { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
            ],
            resources: { limits: { 'example.com/gpu': '1' } },
            volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
          },
        ],
        initContainers: [{ name: 'init', image: 'busybox' }],
        volumes: [{ name: 'cache', emptyDir: {} }],
        tolerations: [{ key: 'two' }],
        terminationGracePeriodSeconds: 9,
      },
    });
    const [agent, proxy] = spec.containers;
    expect(metadata.labels).toMatchObject({ a: 'b', 'recac.dev/managed': 'true' });
    expect(proxy).toEqual({ name: 'proxy', image: 'proxy:1' });
    expect(agent?.command?.[0]).toBe('sh');
    expect(agent?.env).toContainEqual({ name: 'A', value: 'ours' });
    expect(agent?.env?.filter(({ name }) => name === 'A')).toHaveLength(1);
    expect(agent?.env).toContainEqual({ name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } });
    expect(agent?.resources?.limits).toEqual({ 'ephemeral-storage': '20Gi', 'example.com/gpu': '1' });
    expect(agent?.volumeMounts).toHaveLength(6);
    expect(spec.volumes).toHaveLength(6);
    expect(spec.tolerations).toEqual([{ key: 'one' }, { key: 'two' }]);
    expect(spec.terminationGracePeriodSeconds).toBe(9);
  });

  test('its node affinity does not take away the node of the claim', () => {
    const zone = (value: string) => ({ key: 'zone', operator: 'In', values: [value] });
    const terms = [{ matchExpressions: [zone('a')] }, { matchExpressions: [zone('b')], matchFields: [] }];
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
    const podTemplate = { spec: { affinity: { nodeAffinity: required } } };
    const affinityOf = (workspaceNode: string | undefined) =>
      toJob(
        { sessionId: 'x', image: 'node:24' },
        { namespace: 'agents', podTemplate },
        { ...facts, ...(workspaceNode && { workspaceNode }) },
      ).job.spec.template.spec.affinity;
    const pin = [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }];
    const pinned = [
      { matchExpressions: [zone('a')], matchFields: pin },
      { matchExpressions: [zone('b')], matchFields: pin },
    ];
    expect(affinityOf('node-1')).toEqual({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: pinned } },
    });
    expect(affinityOf(undefined)).toEqual({ nodeAffinity: required });
  });

  const agent = (fields: object) => ({ spec: { containers: [{ name: 'agent', ...fields }] } });
  const own = 'spec.containers[agent]';
  test.each([
    ['spec.restartPolicy', { spec: { restartPolicy: 'Always' } }],
    ['spec.hostNetwork', { spec: { hostNetwork: true } }],
    ['spec.hostPID', { spec: { hostPID: true } }],
    ['spec.hostIPC', { spec: { hostIPC: false } }],
    ['spec.shareProcessNamespace', { spec: { shareProcessNamespace: true } }],
    ['spec.activeDeadlineSeconds', { spec: { activeDeadlineSeconds: 1 } }],
    ['spec.automountServiceAccountToken', { spec: { automountServiceAccountToken: true } }],
    ['spec.securityContext.runAsUser', { spec: { securityContext: { runAsUser: 0 } } }],
    ['spec.volumes[recac-tmp]', { spec: { volumes: [{ name: 'recac-tmp' }] } }],
    [
      'spec.volumes[t].projected',
      { spec: { volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken: {} }] } }] } },
    ],
    [
      'spec.containers[p].securityContext.privileged',
      { spec: { containers: [{ name: 'p', securityContext: { privileged: true } }] } },
    ],
    ['spec.initContainers[agent]', { spec: { initContainers: [{ name: 'agent' }] } }],
    [`${own}.command`, agent({ command: ['x'] })],
    [`${own}.args`, agent({ args: ['x'] })],
    [`${own}.image`, agent({ image: 'x' })],
    [`${own}.workingDir`, agent({ workingDir: '/x' })],
    [`${own}.stdin`, agent({ stdin: true })],
    [`${own}.tty`, agent({ tty: true })],
    [`${own}.securityContext.capabilities`, agent({ securityContext: { capabilities: {} } })],
    [`${own}.volumeMounts[/workspace/]`, agent({ volumeMounts: [{ name: 'v', mountPath: '/workspace/' }] })],
    ['metadata.labels.recac.dev/name', { metadata: { labels: { 'recac.dev/name': 'y' } } }],
    ['metadata.annotations.recac.dev/session', { metadata: { annotations: { 'recac.dev/session': 'y' } } }],
    ['metadata.name', { metadata: { name: 'y' } }],
    ['kind', { kind: 'Pod' }],
    ['spec.containers', { spec: { containers: [{ image: 'x' }] } }],
    ['spec.$patch', { spec: { $patch: 'replace' } }],
    ['spec.priorityClassName', { spec: { priorityClassName: null } }],
    ['spec.volumes[v]', { spec: { volumes: [{ name: 'v' }, { name: 'v' }] } }],
  ])('may not set %s', (field, podTemplate) => {
    const details = expect.objectContaining({ field: `kubernetes.pod_template.${field}` });
    expect(() => merge(podTemplate)).toThrow(expect.objectContaining({ code: 'RECAC_INVALID_ARGUMENT', details }));
  });

  test('a token is mounted only where the settings allow it, and a directory of the node is warned of', () => {
    expect(plan({ spec: { automountServiceAccountToken: true } }, true).warnings).toHaveLength(1);
    expect(plan({ spec: { volumes: [{ name: 'kvm', hostPath: { path: '/dev/kvm' } }] } }).warnings[0]).toContain('kvm');
  });
});
