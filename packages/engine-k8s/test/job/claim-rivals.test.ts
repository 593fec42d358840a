import { toEnvironmentName } from '@recac/engine-core';
import { expect, test } from 'vitest';
import type { ClaimUser } from '../../src/job/claim.ts';
import { type ClaimJob, findComing, judgeRivals } from '../../src/job/claim-rivals.ts';

const mount = { type: 'persistentVolumeClaim', claimName: 'work', subPath: 'a' } as const;
const users = (subPath: string): NonNullable<ClaimUser['spec']> => ({
  volumes: [{ name: 'w', persistentVolumeClaim: { claimName: 'work' } }],
  containers: [{ volumeMounts: [{ name: 'w', subPath }] }],
});

interface Change {
  readonly at?: string;
  readonly subPath?: string;
  readonly proved?: boolean;
  readonly deleted?: boolean;
  readonly condition?: string;
}

function aJob(sessionId: string, { at = '01', subPath = 'a', proved, deleted, condition }: Change = {}): ClaimJob {
  return {
    metadata: {
      name: toEnvironmentName(sessionId),
      uid: `uid-${sessionId}`,
      creationTimestamp: `2026-11-24T08:00:${at}Z`,
      labels: { 'recac.dev/managed': 'true', 'recac.dev/name': toEnvironmentName(sessionId) },
      annotations: { 'recac.dev/session': sessionId, ...(proved ? { 'recac.dev/proved': 'pod' } : {}) },
      ...(deleted ? { deletionTimestamp: 'now' } : {}),
    },
    spec: { template: { spec: users(subPath) } },
    status: condition === undefined ? {} : { conditions: [{ type: condition, status: 'True' }] },
  };
}

function aPod(of: ClaimJob, phase = 'Running', change: Partial<ClaimUser['metadata']> = {}): ClaimUser {
  const { name, uid, labels = {}, annotations = {} } = of.metadata;
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name, uid }];
  const metadata = { name: `${name}-x`, uid: `pod-${uid}`, labels, annotations, ownerReferences, ...change };
  return { metadata, ...of.spec?.template, status: { phase } };
}

const own = aJob('own', { at: '05' });
const judge = (jobs: readonly ClaimJob[], pods: readonly ClaimUser[] = []) => {
  const { verdict } = judgeRivals(own, mount, { jobs: [own, ...jobs], pods: [aPod(own, 'Pending'), ...pods] });
  return verdict;
};

test.each<[string, string, ClaimJob, ((job: ClaimJob) => ClaimUser)?]>([
  ['an earlier one without a pod', 'yields', aJob('x', { at: '04' })],
  ['an earlier one that runs', 'yields', aJob('x', { at: '04' }), (job) => aPod(job)],
  ['one of the same second with a greater identity', 'waits', aJob('x', { at: '05' })],
  ['one of the same second with a smaller identity', 'yields', aJob('a', { at: '05' })],
  ['a later one', 'waits', aJob('x', { at: '06' }), (job) => aPod(job, 'Pending')],
  ['a later one whose shell has answered', 'yields', aJob('x', { at: '06', proved: true }), (job) => aPod(job)],
  [
    'one that has ended, and whose Job does not know it',
    'alone',
    aJob('x', { proved: true }),
    (job) => aPod(job, 'Succeeded'),
  ],
  ['one whose pod failed before it ran', 'alone', aJob('x'), (job) => aPod(job, 'Failed')],
  ['a failed one', 'alone', aJob('x', { condition: 'Failed' })],
  ['one that is being deleted, with a pod', 'waits', aJob('x', { deleted: true }), (job) => aPod(job)],
  ['one that is being deleted, without', 'alone', aJob('x', { deleted: true })],
  ['a directory beside', 'alone', aJob('x', { subPath: 'ab' }), (job) => aPod(job)],
])('%s: %s', (_, verdict, job, toPod) => {
  expect(judge([job], toPod ? [toPod(job)] : [])).toBe(verdict);
});

test('a pod whose Job is gone is waited for, also before it is being deleted', () => {
  const gone = aJob('x', { at: '04' });
  expect(judge([], [aPod(gone)])).toBe('waits');
  expect(judge([], [aPod(gone, 'Running', { deletionTimestamp: 'now' })])).toBe('waits');
  expect(judge([], [aPod(gone, 'Succeeded')])).toBe('alone');
});

test('of any number that see each other exactly one does not yield', () => {
  const jobs = ['c', 'a', 'b'].map((id) => aJob(id));
  const verdicts = jobs.map((job) => judgeRivals(job, mount, { jobs, pods: [] }).verdict);
  expect(verdicts).toEqual(['yields', 'waits', 'yields']);
});

test('only what has no pod, and has had none, is still to come', () => {
  const jobs = [aJob('waits'), aJob('runs'), aJob('ran', { proved: true }), aJob('over', { condition: 'Failed' })];
  const coming = findComing({ jobs, pods: [aPod(jobs[1] as ClaimJob)] });
  expect(coming.map(({ metadata }) => metadata.uid)).toEqual(['uid-waits']);
});
