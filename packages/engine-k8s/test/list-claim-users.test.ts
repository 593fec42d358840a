import { expect, test } from 'vitest';
import { listClaimJobs, listClaimPods } from '../src/environment/list-claim-users.ts';
import { json, startServer } from './api/test-server.ts';
import { aJob, aPod } from './job/samples.ts';

const { signal } = new AbortController();
const managedFields = [{ manager: 'kubelet', fieldsV1: { 'f:status': {} } }];
const mount = { name: 'w', subPath: 'a' };
const claim = { name: 'w', persistentVolumeClaim: { claimName: 'work' } };
const spec = {
  nodeName: 'node-1',
  volumes: [claim, { name: 'own', emptyDir: {} }],
  containers: [
    { name: 'agent', env: [{ name: 'A', value: 'b' }], volumeMounts: [mount, { name: 'own', mountPath: '/own' }] },
    { name: 'beside' },
  ],
};
const kept = { nodeName: 'node-1', volumes: [claim], containers: [{ volumeMounts: [mount] }] };

test('of the users of a claim no more is kept than tells which directories they use', async () => {
  const pod = aPod({ phase: 'Running' });
  const other = { metadata: { name: 'other', uid: 'o', managedFields }, spec: { nodeName: 'node-2', volumes: [] } };
  const used = { ...pod, metadata: { ...pod.metadata, managedFields }, spec };
  await using server = await startServer(json(200, { items: [used, other] }));
  const cluster = { client: server.client, namespace: 'agents' };
  const { labels, annotations } = pod.metadata;
  expect(await listClaimPods(cluster, { areOthersIncluded: true }, signal)).toEqual([
    {
      metadata: {
        ...pod.metadata,
        labels: { 'recac.dev/managed': 'true', 'recac.dev/name': labels?.['recac.dev/name'], team: 'web' },
        annotations: expect.objectContaining({ 'recac.dev/session': annotations?.['recac.dev/session'] }),
      },
      spec: kept,
      status: { phase: 'Running' },
    },
    { metadata: { name: 'other', uid: 'o', labels: {}, annotations: {} }, spec: { nodeName: 'node-2' } },
  ]);
});

test('of a Job, what its pod will use', async () => {
  const condition = { type: 'Failed', status: 'True', reason: 'x', message: 'y' } as const;
  const job = { ...aJob({ conditions: [condition] }), spec: { parallelism: 1, template: { metadata: {}, spec } } };
  await using server = await startServer(json(200, { items: [job] }));
  const [found] = await listClaimJobs({ client: server.client, namespace: 'agents' }, signal);
  expect(found).toMatchObject({
    metadata: { uid: job.metadata.uid, creationTimestamp: job.metadata.creationTimestamp },
  });
  expect(found?.spec).toEqual({ template: { spec: kept } });
  expect(found?.status).toEqual({ conditions: [{ type: 'Failed', status: 'True' }] });
});
