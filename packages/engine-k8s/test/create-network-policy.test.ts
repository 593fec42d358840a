import { expect, test } from 'vitest';
import { createNetworkPolicy } from '../src/environment/create-network-policy.ts';
import { type NewNetworkPolicy, toNetworkPolicy } from '../src/job/network-policy.ts';
import { failure, json, startServer } from './api/test-server.ts';
import { planned } from './job/samples.ts';

const signal = new AbortController().signal;
const { labels, annotations } = planned.metadata;
const facts = { namespace: 'agents', preset: 'none', metadata: { labels, annotations } } as const;
const policy = toNetworkPolicy({ sessionId: 'Fix Login', image: 'x' }, facts) as NewNetworkPolicy;
const exists = failure(409, 'AlreadyExists', 'it exists');
const gone = failure(404, 'NotFound', 'it is gone');
const ours = json(200, { ...policy, metadata: { ...policy.metadata, uid: 'old', resourceVersion: '7' } });

test('one of ours that goes while it is replaced is made anew', async () => {
  await using server = await startServer(exists, ours, gone, exists, gone, json(201, policy));
  await createNetworkPolicy({ client: server.client, namespace: 'agents' }, policy, signal);
  const methods = server.requests.map((request) => request.split(' ')[0]);
  expect(methods).toEqual(['POST', 'GET', 'PUT', 'POST', 'GET', 'POST']);
});

test('one of ours that stays is replaced as it was read', async () => {
  let sent = '';
  await using server = await startServer(exists, ours, (_request, response, body) => {
    sent = body;
    response.end('{}');
  });
  await createNetworkPolicy({ client: server.client, namespace: 'agents' }, policy, signal);
  expect(JSON.parse(sent).metadata).toMatchObject({ uid: 'old', resourceVersion: '7' });
});

test('one of somebody else is left alone, and named', async () => {
  const theirs = json(200, { metadata: { name: policy.metadata.name, uid: 'theirs', labels: { app: 'shop' } } });
  await using server = await startServer(exists, theirs, json(200, {}));
  const creating = createNetworkPolicy({ client: server.client, namespace: 'agents' }, policy, signal);
  await expect(creating).rejects.toMatchObject({
    code: 'RECAC_ENVIRONMENT_CONFLICT',
    message: expect.stringContaining(`NetworkPolicy named ${policy.metadata.name}`),
  });
  expect(server.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
});
