import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createKubernetesEngine } from '../src/index.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { aJob, anAgent, aPod } from './job/samples.ts';

const ended = aPod({ phase: 'Failed', containerStatuses: [anAgent({ terminated: { exitCode: 1, reason: 'Error' } })] });

/** A cluster whose pods end at once, and which is too busy for anything about networks. */
function cluster(): Answer {
  let isDeleted = false;
  return (request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    const kind = pathname.split('/').find((part) => ['jobs', 'pods', 'events', 'networkpolicies'].includes(part));
    const answer = (): Answer => {
      if (kind === undefined) return json(200, { gitVersion: 'v1.36.0', status: { allowed: true } });
      if (kind === 'networkpolicies') return failure(429, 'TooManyRequests', 'too many requests');
      if (request.method === 'POST') return json(201, aJob());
      isDeleted ||= request.method === 'DELETE';
      if (request.method === 'DELETE') return json(200, { kind: 'Status' });
      const pods = isDeleted ? [] : [ended];
      if (kind === 'jobs' && !pathname.endsWith('/jobs')) return json(200, aJob());
      const items = { jobs: [aJob()], pods, events: [] }[kind] ?? [];
      return json(200, { metadata: { resourceVersion: '10' }, items });
    };
    if (searchParams.get('watch')) return void response.writeHead(200).flushHeaders();
    answer()(request, response, body);
  };
}

test('a start that has failed asks for nothing any more, also where the server was too busy for its NetworkPolicy', async () => {
  await using server = await startServer(cluster());
  await using engine = createKubernetesEngine({ access: server.client.access, namespace: 'agents' });
  const spec = { sessionId: 'Fix Login', image: 'node:24' };
  await expect(engine.startEnvironment(spec)).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_START_FAILED' });
  const asked = () => server.requests.filter((request) => request.includes('networkpolicies')).length;
  const before = asked();
  expect(before).toBeGreaterThan(0);
  await pause(3_500);
  expect(asked()).toBe(before);
});
