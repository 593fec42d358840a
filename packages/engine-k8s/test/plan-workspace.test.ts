import { expect, test } from 'vitest';
import { planWorkspace } from '../src/environment/plan-workspace.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { aPod } from './job/samples.ts';

const { signal } = new AbortController();
const workspace = { type: 'persistentVolumeClaim', claimName: 'work' } as const;
const spec = { sessionId: 'next', image: 'x:1', workspace };
const pod = aPod({ phase: 'Running' });
const user = {
  ...pod,
  metadata: { ...pod.metadata, deletionTimestamp: '2026-11-24T09:00:00Z' },
  spec: {
    nodeName: 'node-1',
    volumes: [{ name: 'w', persistentVolumeClaim: { claimName: 'work' } }],
    containers: [{ name: 'agent', volumeMounts: [{ name: 'w' }] }],
  },
};

test('a pod that is going and may still write to the directory is waited for, and named, also without the right to read claims', async () => {
  let looks = 0;
  const answer: Answer = (request, response, body) => {
    const kind = ['persistentvolumeclaims', 'pods', 'jobs'].find((one) => request.url?.includes(`/${one}`));
    const forbidden =
      'persistentvolumeclaims "work" is forbidden: User "me" cannot get resource "persistentvolumeclaims"';
    if (kind === 'persistentvolumeclaims') return failure(403, 'Forbidden', forbidden)(request, response, body);
    if (kind === 'pods') looks += 1;
    json(200, { items: kind === 'pods' && looks < 3 ? [user] : [] })(request, response, body);
  };
  await using server = await startServer(answer);
  const told: string[] = [];
  const onWait = (message: string) => void told.push(message);
  const cluster = { client: server.client, namespace: 'agents' };
  expect(await planWorkspace(cluster, spec, { signal, onWait })).toEqual({});
  expect(looks).toBe(3);
  expect(told[0]).toBe(`waiting: the pod ${pod.metadata.name} may still write to the same directory of work.`);
});
