import { expect, test } from 'vitest';
import { awaitAlone } from '../src/environment/await-alone.ts';
import { failure, json, startServer } from './api/test-server.ts';
import { aJob } from './job/samples.ts';

const { signal } = new AbortController();
const workspace = { type: 'persistentVolumeClaim', claimName: 'work' } as const;

test('nothing is asked where the workspace is no claim', async () => {
  await using server = await startServer(json(200, { items: [] }));
  const cluster = { client: server.client, namespace: 'agents' };
  await awaitAlone(cluster, aJob(), { workspace: { type: 'scratch' } }, { onWait: () => {}, signal });
  expect(server.requests).toEqual([]);
});

test('a cluster that cannot be asked for a while does not end a start', async () => {
  const away = failure(503, 'ServiceUnavailable', 'no');
  await using server = await startServer(away, away, away, away, away, json(200, { items: [] }));
  const cluster = { client: server.client, namespace: 'agents' };
  await awaitAlone(cluster, aJob(), { workspace }, { onWait: () => {}, signal });
  expect(server.requests.slice(-2)).toEqual([expect.stringContaining('/pods?'), expect.stringContaining('/jobs?')]);
});
