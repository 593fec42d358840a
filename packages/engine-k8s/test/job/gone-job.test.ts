import { describe, expect, test } from 'vitest';
import { toGoneJob } from '../../src/job/gone-job.ts';
import type { Pod } from '../../src/job/pod.ts';
import { toEnvironmentStatus } from '../../src/job/pod-status.ts';
import { projectPod } from '../../src/watch/project-objects.ts';
import { aJob, anAgent, aPod } from './samples.ts';

const conditions = [
  { type: 'Ready', status: 'False' },
  { type: 'ContainersReady', status: 'True' },
] as const;

function aGoingPod(status: Pod['status'], metadata: Partial<Pod['metadata']> = {}): Pod {
  const pod = aPod(status);
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-24T09:00:00Z', ...metadata } };
}

const running = { phase: 'Running', containerStatuses: [anAgent({ running: {} })] } as const;

function statusOf(pod: Pod) {
  const job = toGoneJob(pod);
  return job && toEnvironmentStatus(job, pod);
}

describe('a pod that outlives its Job', () => {
  test.each([
    ['as it is read', (pod: Pod) => pod],
    ['as it is watched', projectPod],
  ])('%s tells which environment it was, and what keeps it', (_, read) => {
    const before = toEnvironmentStatus(aJob(), aPod(running));
    const { reason: _reason, ...kept } = before ?? {};
    const silent = statusOf(read(aGoingPod({ ...running, conditions })));
    expect(silent).toEqual({
      ...kept,
      phase: 'Terminating',
      reason: 'NodeLost',
      message: 'the node node-1 of the environment does not answer',
    });
    const blocked = statusOf(read(aGoingPod(running, { finalizers: ['example.com/keep'] })));
    expect(blocked).toMatchObject({
      phase: 'Terminating',
      reason: 'FinalizerBlocks',
      message: expect.stringContaining('example.com/keep keeps the pod'),
    });
    expect(statusOf(read(aGoingPod(running)))).not.toHaveProperty('reason');
  });

  test('one that has ended is only cleared away, unless somebody keeps it', () => {
    expect(toGoneJob(aGoingPod({ phase: 'Failed' }))).toBeUndefined();
    expect(toGoneJob(aGoingPod({ phase: 'Succeeded' }, { finalizers: ['batch.kubernetes.io/job-tracking'] }))).toBe(
      undefined,
    );
    expect(toGoneJob(aGoingPod({ phase: 'Failed' }, { finalizers: ['example.com/keep'] }))).toBeDefined();
  });

  test('a pod without a Job is none of ours', () => {
    expect(toGoneJob(aGoingPod(running, { ownerReferences: [] }))).toBeUndefined();
  });
});
