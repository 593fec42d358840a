import type { StartEvent } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { toPatientClient } from '../../src/api/patient-client.ts';
import { createKubernetesEngine } from '../../src/index.ts';
import { type Answer, failure, json, startServer } from './test-server.ts';

const { signal } = new AbortController();
const busy = (retryAfter: string): Answer => {
  const status = {
    kind: 'Status',
    status: 'Failure',
    code: 429,
    reason: 'TooManyRequests',
    message: 'too many requests',
  };
  return json(429, status, { 'Retry-After': retryAfter });
};

test('a call waits for a busy server longer than it may take, and says so', async () => {
  await using server = await startServer(busy('6'), json(201, { made: true }));
  const told: string[] = [];
  const client = toPatientClient(server.client, (message) => told.push(message));
  const request = {
    method: 'POST',
    path: '/apis/batch/v1/namespaces/agents/jobs',
    body: {},
    timeoutMs: 5_000,
    signal,
  } as const;
  const began = performance.now();
  expect(await client.request(request)).toEqual({ made: true });
  expect(performance.now() - began).toBeGreaterThan(5_900);
  expect(server.requests).toHaveLength(2);
  expect(told[0]).toMatch(/API server is too busy/);
});

test('it ends with its signal, and every other answer is final', async () => {
  await using server = await startServer(busy('1'));
  const client = toPatientClient(server.client, () => {});
  const controller = new AbortController();
  const asking = client.request({ method: 'GET', path: '/version', signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(asking).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
  await using other = await startServer(failure(403, 'Forbidden', 'no'));
  const refused = toPatientClient(other.client, () => {}).request({ method: 'GET', path: '/version', signal });
  await expect(refused).rejects.toMatchObject({ code: 'RECAC_PERMISSION_DENIED' });
});

test('a start waits for a server that is too busy to take its Job until the pending limit, which says so', async () => {
  await using server = await startServer((request, response, body) => {
    const isAsked = request.url === '/version' || request.url?.includes('selfsubjectaccessreviews');
    const answer = isAsked ? json(200, { gitVersion: 'v1.36.0', status: { allowed: true } }) : busy('60');
    answer(request, response, body);
  });
  await using engine = createKubernetesEngine({ access: server.client.access, namespace: 'agents' });
  const events: StartEvent[] = [];
  const began = performance.now();
  const spec = { sessionId: 'busy', image: 'x:1', pendingTimeoutMs: 2_000 };
  const starting = engine.startEnvironment(spec, { onEvent: (event) => events.push(event) });
  await expect(starting).rejects.toMatchObject({
    code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
    message: expect.stringMatching(/in phase admit \(waiting: the API server is too busy/),
  });
  expect(performance.now() - began).toBeGreaterThan(1_900);
  expect(events.some(({ state }) => state === 'waiting')).toBe(true);
});
