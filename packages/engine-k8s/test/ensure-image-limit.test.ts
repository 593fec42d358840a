import { expect, test } from 'vitest';
import { Removals } from '../src/environment/removals.ts';
import { ensureImage } from '../src/image/ensure-image.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { aJob, aPod } from './job/samples.ts';

const message = '0/1 nodes are available: 1 Insufficient cpu.';
const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] as const;

/** A cluster whose Job has one pod, which never gets further until both are deleted. */
function cluster(pod: object): Answer {
  let isDeleted = false;
  return (request, response, body) => {
    isDeleted ||= request.method === 'DELETE';
    if (request.url?.includes('watch=true')) return void response.writeHead(200).flushHeaders();
    const isPods = request.url?.includes('/pods?');
    const isEvents = request.url?.includes('/events?');
    const items = isEvents || isDeleted ? [] : [pod];
    const answer =
      isPods || isEvents ? json(200, { items }) : isDeleted ? failure(404, 'NotFound', 'gone') : json(200, aJob());
    answer(request, response, body);
  };
}

test.each([
  ['what it waited for', { ...aPod({ conditions }), spec: {} }, 'RECAC_ENVIRONMENT_START_FAILED', 'Insufficient cpu'],
  ['that it may still be pulled', aPod(), 'RECAC_IMAGE_PULL_FAILED', 'may still be pulling'],
])('a pull that takes too long is an error that says %s', async (_, pod, code, words) => {
  await using server = await startServer(cluster(pod));
  const options = { settings: { namespace: 'agents' }, removals: new Removals(), limitMs: 1_000 };
  const pulling = ensureImage({ client: server.client, namespace: 'agents' }, 'node:24', options);
  await expect(pulling).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});
