import { describe, expect, test } from 'vitest';
import { explainEnd } from '../../src/job/end-cause.ts';
import { parseEnvironmentId } from '../../src/job/environment-id.ts';
import { toStartPhase } from '../../src/job/phases.ts';
import type { Pod } from '../../src/job/pod.ts';
import { warnOfKeepers } from '../../src/job/pod-keepers.ts';
import { findPodOfJob, toEnvironmentStatus, toShownStatus } from '../../src/job/pod-status.ts';
import { projectPod } from '../../src/watch/project-objects.ts';
import { aJob, anAgent, anEvent, aPod, planned } from './samples.ts';

const running = anAgent({ running: { startedAt: '2026-11-24T08:00:05Z' } }, { containerID: 'containerd://1' });
const runningPod = aPod({ phase: 'Running', containerStatuses: [{ name: 'proxy', restartCount: 7 }, running] });
const provedIn = (uid: string) => ({ annotations: { ...planned.metadata.annotations, 'recac.dev/proved': uid } });

describe('the status of an environment', () => {
  test('tells what the Job knows, and where it runs', () => {
    const status = toEnvironmentStatus(aJob(), runningPod);
    expect(status).toMatchObject({
      sessionId: 'Fix Login',
      backend: 'kubernetes',
      phase: 'Running',
      image: 'node:24',
      leaseMs: 60_000,
      labels: { team: 'web' },
      createdAt: new Date('2026-11-24T08:00:01Z'),
    });
    expect(parseEnvironmentId(status?.id ?? '')).toEqual({
      namespace: 'agents',
      name: status?.name,
      uid: aJob().metadata.uid,
    });
  });

  test.each([
    ['no pod', 'Pending', undefined, aJob(), undefined],
    [
      'pulling',
      'Pending',
      'ImagePullBackOff',
      aJob(),
      aPod({ containerStatuses: [anAgent({ waiting: { reason: 'ImagePullBackOff' } })] }),
    ],
    [
      'deleting',
      'Terminating',
      undefined,
      aJob({}, { deletionTimestamp: '2026-11-24T09:00:00Z', finalizers: ['foregroundDeletion'] }),
      runningPod,
    ],
    [
      'blocked',
      'Terminating',
      'FinalizerBlocks',
      aJob({}, { deletionTimestamp: '2026-11-24T09:00:00Z', finalizers: ['example.com/keep'] }),
      runningPod,
    ],
    [
      'restarted',
      'Failed',
      'ContainerRestarted',
      aJob(),
      aPod({ phase: 'Running', containerStatuses: [{ ...running, restartCount: 1 }] }),
    ],
    ['replaced', 'Failed', 'PodReplaced', aJob({ failed: 1 }), runningPod],
    [
      'at its deadline, which counts the pod before it has ended',
      'Terminating',
      'DeadlineExceeded',
      aJob({ failed: 1, conditions: [{ type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded' }] }),
      { ...runningPod, metadata: { ...runningPod.metadata, deletionTimestamp: '2026-11-24T09:00:00Z' } },
    ],
    ['replaced, uncounted', 'Failed', 'PodReplaced', aJob({}, provedIn('another')), runningPod],
    ['its own', 'Running', undefined, aJob({}, provedIn(runningPod.metadata.uid)), runningPod],
    [
      'memory',
      'Failed',
      'OOMKilled',
      aJob({ failed: 1 }),
      aPod({ phase: 'Failed', containerStatuses: [anAgent({ terminated: { exitCode: 137, reason: 'OOMKilled' } })] }),
    ],
    [
      'lease',
      'Failed',
      'LeaseExpired',
      aJob(),
      aPod({
        phase: 'Succeeded',
        containerStatuses: [
          anAgent({ terminated: { exitCode: 0, reason: 'Completed', message: 'recac: the lease ran out\n' } }),
        ],
      }),
    ],
    [
      'agent ended beside a sidecar',
      'Failed',
      'Exited',
      aJob(),
      aPod({ phase: 'Running', containerStatuses: [anAgent({ terminated: { exitCode: 1, reason: 'Error' } })] }),
    ],
    [
      'deadline',
      'Failed',
      'DeadlineExceeded',
      aJob({ conditions: [{ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' }] }),
      undefined,
    ],
    [
      'pod deleted by others',
      'Failed',
      'DeletedByOthers',
      aJob({ conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] }),
      undefined,
    ],
  ] as const)('%s', (_, phase, reason, job, pod) => {
    const status = toEnvironmentStatus(job, pod);
    expect(status?.phase).toBe(phase);
    expect(status?.reason).toBe(reason);
  });

  test('a node that dies: unknown, then terminating with the same words, and at no moment failed', () => {
    const running = { phase: 'Running', containerStatuses: [anAgent({ running: {} })] } as const;
    const silent = [
      { type: 'Ready', status: 'False' },
      { type: 'ContainersReady', status: 'True' },
    ] as const;
    const givenUp = [
      ...silent,
      { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' },
    ] as const;
    const going = aPod({ ...running, conditions: givenUp });
    const deletionTimestamp = '2026-11-24T09:00:00Z';
    const pods = [
      aPod({ ...running, conditions: silent }),
      going,
      { ...going, metadata: { ...going.metadata, deletionTimestamp } },
    ];
    const message = 'the node node-1 of the environment does not answer';
    expect(pods.map((pod) => toEnvironmentStatus(aJob(), pod))).toMatchObject([
      { phase: 'Unknown', reason: 'NodeLost', message },
      { phase: 'Terminating', reason: 'NodeLost', message },
      { phase: 'Terminating', reason: 'NodeLost', message },
    ]);
    expect(toEnvironmentStatus(aJob({}, { deletionTimestamp }), pods[2])).toMatchObject({
      reason: 'NodeLost',
      message,
    });
  });

  test('a pod that is about to be evicted has not failed', () => {
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }] as const;
    const pod = aPod({ phase: 'Running', containerStatuses: [running], conditions });
    expect(toEnvironmentStatus(aJob(), pod)).toMatchObject({ phase: 'Terminating', reason: 'Evicted' });
    const ended = aPod({ phase: 'Failed', conditions });
    expect(toEnvironmentStatus(aJob(), ended)).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
  });

  test('one that a lease ended is shown while another container keeps its pod, and only then', () => {
    const over = { exitCode: 0, reason: 'Completed', message: 'recac: the lease ran out\n' };
    const agent = anAgent({ terminated: over });
    const proxy = { name: 'proxy', state: { running: {} } };
    const show = (status: Pod['status']) => toShownStatus(aJob(), projectPod(aPod(status)));
    expect(show({ phase: 'Running', containerStatuses: [proxy, agent] })).toMatchObject({
      phase: 'Failed',
      reason: 'LeaseExpired',
      message: expect.stringContaining('the container proxy keeps its pod'),
    });
    expect(show({ phase: 'Running', containerStatuses: [agent], initContainerStatuses: [proxy] })).toBeUndefined();
    expect(show({ phase: 'Succeeded', containerStatuses: [agent] })).toBeUndefined();
  });

  test('a container that the cluster has put beside ours is warned of, one of the plan is not once more', () => {
    const beside = (...names: string[]) => aPod({}, { spec: { containers: names.map((name) => ({ name })) } });
    expect(warnOfKeepers(projectPod(beside('mesh', 'agent')), planned)).toEqual([expect.stringContaining('mesh')]);
    expect(warnOfKeepers(projectPod(beside('agent')), planned)).toEqual([]);
  });

  test('what is not ours has none, and pods of others are not the Job’s', () => {
    expect(toEnvironmentStatus(aJob({}, { labels: {} }), undefined)).toBeUndefined();
    const stranger = aPod();
    expect(
      findPodOfJob(aJob(), [{ ...stranger, metadata: { ...stranger.metadata, ownerReferences: [] } }]),
    ).toBeUndefined();
    expect(findPodOfJob(aJob(), [runningPod])).toBe(runningPod);
  });
});

test('the end is explained in a sentence, and a living environment has none', () => {
  expect(explainEnd({ job: aJob(), pod: runningPod })).toBeUndefined();
  expect(
    explainEnd({
      job: aJob({ conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] }),
      pod: runningPod,
      podIsGone: true,
    }),
  ).toContain('deleted from outside');
});

test('the phase of a start follows the pod', () => {
  expect(toStartPhase(undefined)).toBe('admit');
  expect(toStartPhase({ ...aPod({ conditions: [] }), spec: {} })).toBe('schedule');
  expect(toStartPhase(aPod())).toBe('pull');
  expect(toStartPhase(aPod(), [anEvent('Pulled', 'Container image already present')])).toBe('start');
  const ofSidecar = { ...anEvent('Pulled', 'x'), involvedObject: { fieldPath: 'spec.containers{proxy}' } };
  expect(toStartPhase(aPod(), [ofSidecar])).toBe('pull');
  expect(toStartPhase(runningPod)).toBe('ready');
});
