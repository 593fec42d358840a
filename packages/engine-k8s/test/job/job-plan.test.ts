import { execFileSync } from 'node:child_process';
import type { EnvironmentSpec } from '@recac/engine-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeExpansion } from '../../src/job/escape-expansion.ts';
import { fromJobMetadata, toLabelValue } from '../../src/job/job-labels.ts';
import { toJob } from '../../src/job/job-plan.ts';
import type { JobSettings } from '../../src/job/job-settings.ts';
import { facts } from './samples.ts';

const plan = (spec: Partial<EnvironmentSpec> = {}, settings: Partial<JobSettings> = {}) =>
  toJob({ sessionId: 'x', image: 'node:24', ...spec }, { namespace: 'agents', ...settings }, facts);
const podOf = (spec: Partial<EnvironmentSpec> = {}, settings: Partial<JobSettings> = {}) =>
  plan(spec, settings).job.spec.template.spec;
const agentOf = (spec: Partial<EnvironmentSpec> = {}, settings: Partial<JobSettings> = {}) =>
  podOf(spec, settings).containers[0];

describe('the Job of an environment', () => {
  test('runs once, is never replaced, and removes itself after it ended', () => {
    const { metadata, spec } = plan().job;
    expect(metadata).toMatchObject({ name: 'recac-agent-x', namespace: 'agents' });
    expect(spec).toMatchObject({ parallelism: 1, completions: 1, backoffLimit: 0, podReplacementPolicy: 'Failed' });
    expect(spec).toMatchObject({ ttlSecondsAfterFinished: 300, template: { spec: { restartPolicy: 'Never' } } });
    expect(plan({}, { lifetimeMs: 1_500 }).job.spec.activeDeadlineSeconds).toBe(2);
    expect(plan().warnings).toEqual([]);
  });

  test('lives no longer than its start may last, until that is over', () => {
    expect(plan().job.spec.activeDeadlineSeconds).toBe(360);
    expect(plan({ pendingTimeoutMs: 1_500 }).job.spec.activeDeadlineSeconds).toBe(62);
    expect(plan({ pendingTimeoutMs: 1_500 }, { lifetimeMs: 600_000 }).job.spec.activeDeadlineSeconds).toBe(62);
  });

  test('its pods have names that fit a DNS label', () => {
    expect(plan({ sessionId: 'x'.repeat(200) }).job.metadata.name.length + '-x7k2p'.length).toBeLessThanOrEqual(63);
  });

  test('has the profile restricted and more', () => {
    expect(podOf()).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 5,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10_000,
        runAsGroup: 10_000,
        fsGroup: 10_000,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    expect(agentOf()).toMatchObject({
      name: 'agent',
      stdin: false,
      tty: false,
      securityContext: {
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
    for (const weak of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'])
      expect(podOf()).not.toHaveProperty(weak);
    for (const volume of podOf().volumes ?? []) expect(volume.emptyDir).toHaveProperty('sizeLimit');
  });

  test('root is allowed when asked for, with a warning, and can become others', () => {
    expect(podOf({ user: 'root' }).securityContext).toMatchObject({ runAsNonRoot: false, runAsUser: 0 });
    expect(agentOf({ user: '0' })?.securityContext).toMatchObject({
      capabilities: { drop: ['ALL'], add: ['KILL', 'SETGID', 'SETUID'] },
    });
    expect(plan({ user: 'root' }).warnings[0]).toContain('root');
  });

  test('OnFailure needs a backoff limit and warns', () => {
    const { job, warnings } = plan({}, { restartPolicy: 'OnFailure' });
    expect(job.spec).toMatchObject({ backoffLimit: 6, template: { spec: { restartPolicy: 'OnFailure' } } });
    expect(warnings[0]).toContain('OnFailure');
  });

  test.each([
    ['user', { user: 'node' }],
    ['image', { image: '' }],
    ['workspace.subPath', { workspace: { type: 'persistentVolumeClaim', claimName: 'c', subPath: '../other' } }],
    ['workspace.hostPath', { workspace: { type: 'bind', hostPath: '/' } }],
    ['workspace.hostPath', { workspace: { type: 'bind', hostPath: '/run/containerd/' } }],
    ['workspace.hostPath', { workspace: { type: 'bind', hostPath: '/var//run' } }],
    ['workspace.storage.size', { workspace: { type: 'scratch', storage: { size: '5 GB' } } }],
    ['resources.requests.memory', { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }],
  ] as const)('%s is checked', (field, spec) => {
    expect(() => plan(spec)).toThrow(
      expect.objectContaining({ code: 'RECAC_INVALID_ARGUMENT', details: expect.objectContaining({ field }) }),
    );
  });

  test('workspace: claim with subPath, directory of the node, sized scratch', () => {
    const claim = podOf({ workspace: { type: 'persistentVolumeClaim', claimName: 'work', subPath: 's/x' } });
    expect(claim.volumes?.[0]).toMatchObject({ persistentVolumeClaim: { claimName: 'work' } });
    expect(claim.containers[0]?.volumeMounts?.[0]).toMatchObject({ mountPath: '/workspace', subPath: 's/x' });
    const bind = podOf({ workspace: { type: 'bind', hostPath: '/src/app', readOnly: true } });
    expect(bind.volumes?.[0]).toMatchObject({ hostPath: { path: '/src/app', type: 'Directory' } });
    expect(bind.containers[0]?.volumeMounts?.[0]).toMatchObject({ readOnly: true });
    expect(podOf({ workspace: { type: 'scratch', sizeLimitBytes: 5 } }).volumes?.[0]).toMatchObject({
      emptyDir: { sizeLimit: '5' },
    });
    const storage = { size: '20Gi', storageClass: 'fast' };
    expect(podOf({ workspace: { type: 'scratch', storage } }).volumes?.[0]).toMatchObject({
      ephemeral: {
        volumeClaimTemplate: { spec: { storageClassName: 'fast', resources: { requests: { storage: '20Gi' } } } },
      },
    });
  });

  test('a directory of the node is worked in as its owner, and as root only with a warning', () => {
    const workspace = { type: 'bind', hostPath: '/src/app' } as const;
    const as = (uid: number, user?: string) =>
      toJob(
        { sessionId: 'x', image: 'node:24', workspace, ...(user === undefined ? {} : { user }) },
        { namespace: 'agents' },
        { ...facts, workspaceOwner: { uid, gid: uid } },
      );
    const security = { runAsNonRoot: true, runAsUser: 1_000, runAsGroup: 1_000 };
    expect(as(1_000).job.spec.template.spec.securityContext).toMatchObject(security);
    expect(as(1_000).warnings).toEqual([expect.stringContaining('hostPath')]);
    expect(as(0).warnings[0]).toMatch(/as root .*the workspace \/src\/app belongs to root/);
    expect(as(1_000, '5:6').job.spec.template.spec.securityContext).toMatchObject({ runAsUser: 5, runAsGroup: 6 });
  });

  test('a seed runs before in a container of its own, as the same user, and alone sees the Secret', () => {
    const seed = { command: ['sh', '-c', 'echo $(x)'], secretName: 'git-login', secretPath: '/run/secret' };
    const pod = podOf({ workspace: { type: 'scratch', seed } });
    const [first] = pod.initContainers ?? [];
    const [agent] = pod.containers;
    expect(first).toMatchObject({ name: 'recac-seed', image: 'node:24', command: ['sh', '-c', 'echo $$(x)'] });
    expect(first?.securityContext).toEqual(agent?.securityContext);
    const pathsOf = (container: typeof first) => container?.volumeMounts?.map(({ mountPath }) => mountPath);
    expect(pathsOf(first)).toEqual(expect.arrayContaining(['/workspace', '/run/secret']));
    expect(pathsOf(agent)).not.toContain('/run/secret');
    expect(pod.volumes?.at(-1)).toEqual({
      name: 'recac-secret',
      secret: { secretName: 'git-login', defaultMode: 0o440 },
    });
  });

  test('placement and image follow specification and settings', () => {
    const pod = podOf(
      { platform: 'linux/arm64', pullPolicy: 'never' },
      {
        nodeSelector: { pool: 'a' },
        runtimeClass: 'gvisor',
        priorityClass: 'low',
        serviceAccount: 'sa',
        imagePullSecrets: ['s'],
        tolerations: [{ operator: 'Exists' }],
      },
    );
    expect(pod).toMatchObject({
      nodeSelector: { pool: 'a', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' },
      runtimeClassName: 'gvisor',
      priorityClassName: 'low',
      serviceAccountName: 'sa',
      imagePullSecrets: [{ name: 's' }],
      tolerations: [{ operator: 'Exists' }],
    });
    expect(pod.containers[0]?.imagePullPolicy).toBe('Never');
  });

  test('only nodes of Linux will do, unless another system is asked for', () => {
    expect(podOf().nodeSelector).toEqual({ 'kubernetes.io/os': 'linux' });
    const other = { 'kubernetes.io/os': 'other' };
    expect(podOf({}, { nodeSelector: other }).nodeSelector).toEqual(other);
    expect(podOf({ platform: 'linux/amd64' }, { nodeSelector: other }).nodeSelector).toMatchObject({
      'kubernetes.io/os': 'linux',
    });
  });

  test('resources: the specification wins, disk is limited without being asked for', () => {
    const settings = { resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '2', memory: '4Gi' } } };
    expect(agentOf({ resources: { limits: { memory: '512Mi' } } }, settings)?.resources).toEqual({
      requests: { cpu: '500m', memory: '512Mi', 'ephemeral-storage': '0' },
      limits: { cpu: '2', memory: '512Mi', 'ephemeral-storage': '20Gi' },
    });
    expect(agentOf()?.resources).toEqual({
      requests: { 'ephemeral-storage': '0' },
      limits: { 'ephemeral-storage': '20Gi' },
    });
  });

  test('labels are values that Kubernetes takes, annotations tell everything', () => {
    const spec = { sessionId: 'Fix Login!', leaseMs: 60_000, labels: { team: 'web' }, network: 'internet' } as const;
    const { metadata, spec: jobSpec } = plan(spec).job;
    for (const value of Object.values(metadata.labels)) expect(value).toMatch(/^[\w.-]{1,63}$/);
    expect(jobSpec.template.metadata).toEqual({ labels: metadata.labels, annotations: metadata.annotations });
    expect(fromJobMetadata(metadata)).toEqual({
      sessionId: 'Fix Login!',
      name: metadata.name,
      workspacePath: '/workspace',
      image: 'node:24',
      attempt: 'attempt-1',
      leaseMs: 60_000,
      callerLabels: { team: 'web' },
    });
    expect(metadata.labels).toMatchObject({ 'recac.dev/network': 'internet' });
    expect(metadata.annotations).toMatchObject({ 'recac.dev/owner': 'me@machine', 'recac.dev/user': '10000:10000' });
    expect(toLabelValue('a-b')).toBe('a-b');
    expect(toLabelValue('a b')).toMatch(/^[0-9a-f]{40}$/);
  });
});

/** What Kubernetes makes of a text (third_party/forked/golang/expansion), every variable expanding to X. */
function expand(text: string): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (_, what: string) => (what === '$' ? '$' : 'X'));
}

test('no text is expanded by Kubernetes', () => {
  const texts = fc
    .array(fc.constantFrom('$', '(', ')', 'HOME', '{', '\n'), { maxLength: 12 })
    .map((parts) => parts.join(''));
  fc.assert(fc.property(texts, (text) => expand(escapeExpansion(text)) === text));
  expect(agentOf({ environmentVariables: { A: '$(HOME)' } })?.env).toContainEqual({ name: 'A', value: '$$(HOME)' });
});

test('the keep-alive command survives the expansion and is a script', () => {
  const [shell = '', flag = '', script = ''] = (agentOf()?.command ?? []).map(expand);
  expect([shell, flag]).toEqual(['sh', '-c']);
  execFileSync('sh', ['-n'], { input: script });
});
