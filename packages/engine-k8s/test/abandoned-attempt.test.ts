import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createKubernetesEngine } from '../src/index.ts';
import type { Pod } from '../src/job/pod.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { aJob, anAgent, aPod } from './job/samples.ts';

const ended = aPod({ phase: 'Failed', containerStatuses: [anAgent({ terminated: { exitCode: 1, reason: 'Error' } })] });

const hung: Answer = () => {};
const busy = failure(429, 'TooManyRequests', 'too many requests');

interface Cluster {
  /** The only pod. */
  readonly pod: Pod;
  /** What it answers with where it is not as usual, by kind. */
  readonly odd: Readonly<Record<string, Answer>>;
}

/** A cluster in which a Job can be started. */
function cluster({ pod, odd }: Cluster): Answer {
  let isDeleted = false;
  let job: object = aJob();
  const watchers: ServerResponse[] = [];
  return (request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    const kind = pathname.split('/').find((part) => ['jobs', 'pods', 'events', 'networkpolicies'].includes(part));
    const answer = (): Answer => {
      if (kind === undefined) return json(200, { gitVersion: 'v1.36.0', status: { allowed: true } });
      if (odd[kind]) return odd[kind];
      if (request.method === 'POST') {
        const { metadata } = JSON.parse(body);
        job = aJob({}, metadata);
        return json(201, job);
      }
      if (request.method === 'DELETE') {
        isDeleted = true;
        for (const watcher of watchers) watcher.write(`${JSON.stringify({ type: 'DELETED', object: pod })}\n`);
        return json(200, { kind: 'Status' });
      }
      const pods = isDeleted ? [] : [pod];
      if (kind === 'jobs' && !pathname.endsWith('/jobs')) return json(200, job);
      const items = { jobs: [job], pods, events: [] }[kind] ?? [];
      return json(200, { metadata: { resourceVersion: '10' }, items });
    };
    if (searchParams.get('watch')) {
      if (kind === 'pods') watchers.push(response);
      return void response.writeHead(200).flushHeaders();
    }
    answer()(request, response, body);
  };
}

test('a start that has failed asks for nothing any more, also where the server was too busy for its NetworkPolicy', async () => {
  await using server = await startServer(cluster({ pod: ended, odd: { networkpolicies: busy } }));
  await using engine = createKubernetesEngine({ access: server.client.access, namespace: 'agents' });
  const spec = { sessionId: 'Fix Login', image: 'node:24' };
  await expect(engine.startEnvironment(spec)).rejects.toMatchObject({ code: 'RECAC_ENVIRONMENT_START_FAILED' });
  const asked = () => server.requests.filter((request) => request.includes('networkpolicies')).length;
  const before = asked();
  expect(before).toBeGreaterThan(0);
  await pause(3_500);
  expect(asked()).toBe(before);
});

test('a start that took too long is removed, and tells what was seen of it, also where the cluster does not say why', async () => {
  const pod = aPod({
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'full' }],
  });
  await using server = await startServer(cluster({ pod, odd: { events: hung } }));
  await using engine = createKubernetesEngine({ access: server.client.access, namespace: 'agents' });
  const spec = { sessionId: 'Fix Login', image: 'node:24', pendingTimeoutMs: 5_000 };
  await expect(engine.startEnvironment(spec)).rejects.toMatchObject({
    code: 'RECAC_ENVIRONMENT_START_TIMEOUT',
    details: { evidence: [expect.stringContaining('Unschedulable: full')] },
  });
  expect(server.requests.filter((request) => request.startsWith('DELETE '))).toEqual([
    expect.stringContaining('/jobs/'),
  ]);
}, 30_000);
