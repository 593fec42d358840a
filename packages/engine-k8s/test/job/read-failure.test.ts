import { describe, expect, test } from 'vitest';
import { toJob } from '../../src/job/job-plan.ts';
import { readStartFailure } from '../../src/job/read-failure.ts';
import { projectJob, projectPod } from '../../src/watch/project-objects.ts';
import { admission, pulling, scheduling } from './rows-before-start.ts';
import { ends, starting } from './rows-from-start.ts';
import { hostPath } from './rows-of-host-path.ts';
import { aJob, anAgent, anEvent, aPod, evidence, facts, waiting } from './samples.ts';

describe.each([
  ['admission', admission],
  ['directories of the node', hostPath],
  ['scheduling', scheduling],
  ['pulling', pulling],
  ['starting', starting],
  ['ends', ends],
] as const)('failures of a start: %s', (_, rows) => {
  test.each(rows)('%s', (_what, reason, phase, code, isFinal, seen) => {
    const failure = readStartFailure(seen);
    expect(failure).toMatchObject({ reason, phase, code, isFinal });
    expect(failure?.message).toMatch(/\. [A-Z].*\.$|\.$/);
    expect(failure?.evidence.length).toBeGreaterThan(0);
    if (isFinal) expect(failure).not.toHaveProperty('graceMs');
  });
});

describe('what is no failure', () => {
  test.each([
    ['nothing yet', evidence()],
    ['a pod that nobody looked at', evidence({ pod: { ...aPod({ conditions: [] }), spec: {} } })],
    ['a container that is made', waiting('ContainerCreating', '')],
    [
      'a container that runs',
      evidence({ pod: aPod({ phase: 'Running', containerStatuses: [anAgent({ running: {} })] }) }),
    ],
    [
      'an old refusal, once there is a pod',
      evidence({ pod: aPod(), jobEvents: [anEvent('FailedCreate', 'exceeded quota: q, requested: pods=1')] }),
    ],
  ])('%s', (_, seen) => {
    expect(readStartFailure(seen)).toBeUndefined();
  });

  test('a sidecar of others that fails does not count, an init container does, by its name', () => {
    const broken = { name: 'proxy', state: { waiting: { reason: 'ErrImagePull', message: 'x: not found' } } };
    const agent = anAgent({ running: {} });
    expect(readStartFailure(evidence({ pod: aPod({ containerStatuses: [broken, agent] }) }))).toBeUndefined();
    const blocked = evidence({
      pod: aPod({
        initContainerStatuses: [broken],
        containerStatuses: [anAgent({ waiting: { reason: 'PodInitializing' } })],
      }),
    });
    expect(readStartFailure(blocked)?.message).toMatch(/^init container proxy: /);
  });
});

test('the newest refusal counts, and words of others are made plain', () => {
  const seen = evidence({
    jobEvents: [
      anEvent('FailedCreate', 'exceeded quota: old, requested: pods=1', '2026-11-24T08:00:02Z'),
      anEvent(
        'FailedCreate',
        'admission webhook "w" denied the request: \u001b[31mno\u001b[0m',
        '2026-11-24T08:00:09Z',
      ),
    ],
  });
  expect(readStartFailure(seen)?.reason).toBe('WebhookRefused');
  expect(readStartFailure(seen)?.message).not.toContain('\u001b');
});

test.each([
  ['says so', evidence()],
  ['says so, whatever it was refused before', evidence({ jobEvents: [anEvent('FailedCreate', 'exceeded quota: q')] })],
  ['says so, where events may not be read', evidence({ areEventsHidden: true })],
])('a Job that somebody has suspended, as a queue does, %s', (_, seen) => {
  const suspended = aJob({ conditions: [{ type: 'Suspended', status: 'True', reason: 'JobSuspended' }] });
  const failure = readStartFailure({ ...seen, job: projectJob(suspended) });
  expect(failure).toMatchObject({ phase: 'admit', reason: 'Suspended', isFinal: false });
  expect(failure).not.toHaveProperty('graceMs');
  expect(failure?.message).toMatch(/^waiting: the Job is suspended/);
});

test('a Job that was resumed is suspended no longer', () => {
  const resumed = aJob({ conditions: [{ type: 'Suspended', status: 'False', reason: 'JobResumed' }] });
  expect(readStartFailure(evidence({ job: resumed }))).toBeUndefined();
});

test.each([
  ['a LimitRange', '[maximum ephemeral-storage usage per Container is 10Gi, but limit is 20Gi]'],
  ['a quota', 'exceeded quota: disk, requested: limits.ephemeral-storage=20Gi, used: 0, limited: 10Gi'],
])('%s that is below our limit of disk tells where that can be changed', (_, words) => {
  const seen = evidence({ jobEvents: [anEvent('FailedCreate', `pods "x" is forbidden: ${words}`)] });
  const { message } = readStartFailure(seen) ?? expect.fail('no failure');
  const [, path = ''] = /(kubernetes\.pod_template\.\S+)\.$/.exec(message) ?? [];
  expect(path).toBe('kubernetes.pod_template.spec.containers[agent].resources.limits.ephemeral-storage');
  const podTemplate = {
    spec: { containers: [{ name: 'agent', resources: { limits: { 'ephemeral-storage': '5Gi' } } }] },
  };
  const { job } = toJob({ sessionId: 's', image: 'node:24' }, { namespace: 'agents', podTemplate }, facts);
  expect(job.spec.template.spec.containers[0]?.resources?.limits).toEqual({ 'ephemeral-storage': '5Gi' });
});

test('a missing pull secret is named beside the refusal', () => {
  const seen = waiting('ErrImagePull', 'pull access denied', {
    podEvents: [anEvent('FailedToRetrieveImagePullSecret', 'Unable to retrieve some image pull secrets (nope).')],
  });
  expect(readStartFailure(seen)?.message).toContain('(nope)');
});

describe('a pull that failed and may do better the next time', () => {
  const reset = 'failed to pull and unpack image "r.example/x:1": failed to copy: httpReadSeeker: failed open: EOF';
  const at = (second: number) => `2026-11-24T08:00:${String(second).padStart(2, '0')}Z`;
  const of = (event: ReturnType<typeof anEvent>, container: string) => ({
    ...event,
    involvedObject: { fieldPath: `spec.containers{${container}}` },
  });
  const failed = anEvent('Failed', `Failed to pull image "r.example/x:1": ${reset}`, at(2));
  const refused = anEvent('Failed', 'Error: ErrImagePull', at(2));
  const pulling = (second: number) => anEvent('Pulling', 'Pulling image "r.example/x:1"', at(second));
  const read = (...podEvents: readonly ReturnType<typeof anEvent>[]) =>
    readStartFailure(waiting('ImagePullBackOff', `Back-off pulling image "x": ErrImagePull: ${reset}`, { podEvents }));

  test('counts until the node pulls again, for as long as that takes', () => {
    expect(read(pulling(1), failed, refused)?.reason).toBe('RegistryUnreachable');
    expect(read(pulling(2), failed, refused)?.reason).toBe('RegistryUnreachable');
    expect(read(pulling(12), failed, refused)).toBeUndefined();
    expect(read(pulling(12), failed, { ...failed, lastTimestamp: at(40) })?.reason).toBe('RegistryUnreachable');
    expect(read(pulling(1))?.reason).toBe('RegistryUnreachable');
  });

  test('counts as before while only a sidecar is pulled', () => {
    const sidecar = of(pulling(12), 'proxy');
    expect(read(of(failed, 'agent'), sidecar)?.reason).toBe('RegistryUnreachable');
    expect(read(of(failed, 'agent'), sidecar, of(pulling(13), 'agent'))).toBeUndefined();
  });

  test('ends the start at once where no next time helps', () => {
    const podEvents = [failed, pulling(12)];
    expect(readStartFailure(waiting('ErrImagePull', 'x: not found', { podEvents }))).toMatchObject({ isFinal: true });
  });
});

const missing = 'MountVolume.SetUp failed for volume "c" : configmap "istio-ca-root-cert" not found';
const noSandbox = 'Failed to create pod sandbox: plugin type="x" failed (add)';

describe.each([
  ['FailedMount', missing],
  ['FailedCreatePodSandBox', noSandbox],
] as const)('%s that was overcome is none while the image is pulled', (reason, message) => {
  const podEvents = [anEvent(reason, message, '2026-11-24T08:00:02Z')];

  test('the pod says that its containers may start, as the watch keeps it', () => {
    const conditions = [{ type: 'PodReadyToStartContainers', status: 'True' }] as const;
    const pod = aPod({ conditions, containerStatuses: [anAgent({ waiting: { reason: 'ContainerCreating' } })] });
    expect(readStartFailure(evidence({ pod: projectPod(pod), podEvents }))).toBeUndefined();
  });

  test('an image is looked for since', () => {
    const pull = anEvent('Pulling', 'Pulling image "node:24"', '2026-11-24T08:00:02Z');
    const later = anEvent(reason, message, '2026-11-24T08:00:03Z');
    expect(readStartFailure(waiting('ContainerCreating', '', { podEvents: [...podEvents, pull] }))).toBeUndefined();
    expect(readStartFailure(waiting('ContainerCreating', '', { podEvents: [pull, later] }))).toBeDefined();
    expect(readStartFailure(waiting('ContainerCreating', '', { podEvents }))).toBeDefined();
  });
});

describe('a volume that is attached elsewhere', () => {
  const held = anEvent(
    'FailedAttachVolume',
    'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) other',
    '2026-11-24T08:00:02Z',
  );
  const timedOut = anEvent(
    'FailedMount',
    'Unable to attach or mount volumes: unmounted volumes=[work]: timed out waiting for the condition',
    '2026-11-24T08:02:05Z',
  );
  const read = (...podEvents: readonly ReturnType<typeof anEvent>[]) =>
    readStartFailure(waiting('ContainerCreating', '', { podEvents }));

  test('who uses it there is named, and waited for no more than a minute', () => {
    expect(read(held)).toMatchObject({
      graceMs: 60_000,
      message: expect.stringContaining('used on another by pod(s) other.'),
    });
  });

  test('what the kubelet says two minutes later does not hide it', () => {
    expect(read(held, timedOut)?.reason).toBe('MultiAttach');
  });

  test('once it is attached, what the kubelet says counts', () => {
    const attached = anEvent(
      'SuccessfulAttachVolume',
      'AttachVolume.Attach succeeded for volume "pvc-1"',
      '2026-11-24T08:01:00Z',
    );
    expect(read(held, attached)).toBeUndefined();
    expect(read(held, attached, timedOut)?.reason).toBe('MountFailed');
  });
});

const constraints =
  'pods "recac-agent-x-" is forbidden: unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: .spec.securityContext.fsGroup: Invalid value: []int64{10000}: 10000 is not an allowed group, provider restricted-v2: .containers[0].runAsUser: Invalid value: 10000: must be in the ranges: [1000680000, 1000689999]';

test.each([
  ['', /^((?!workspace strategy).)*$/],
  [
    ', provider restricted-v2: spec.volumes[2]: Invalid value: "hostPath": hostPath volumes are not allowed to be used',
    /with another workspace strategy/,
  ],
])('OpenShift names the user of the range%s', (more, words) => {
  const seen = evidence({ jobEvents: [anEvent('FailedCreate', `Error creating: ${constraints}${more}]`)] });
  const failure = readStartFailure(seen);
  expect(failure).toMatchObject({ reason: 'SecurityContextRefused', isFinal: true });
  expect(failure?.message).toContain('--user 1000680000');
  expect(failure?.message).toMatch(words);
});
