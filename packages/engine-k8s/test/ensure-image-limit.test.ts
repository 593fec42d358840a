import type { ImageProgress } from '@recac/engine-core';
import { afterEach, expect, test, vi } from 'vitest';
import type { ApiClient } from '../src/api/api-client.ts';
import { Removals } from '../src/environment/removals.ts';
import { ensureImage } from '../src/image/ensure-image.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { aJob, anEvent, aPod } from './job/samples.ts';

const message = '0/1 nodes are available: 1 Insufficient cpu.';
const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] as const;

interface Shown {
  readonly pods?: readonly object[];
  readonly events?: () => readonly object[];
  /** What a deletion is answered. Default: it is done. */
  readonly refusal?: Answer;
  /** What the creation of the Job is answered. Default: it is done. */
  readonly creation?: Answer;
}

/** A cluster whose Job never gets further until it is deleted. */
function cluster({ pods = [], events = () => [], refusal, creation }: Shown): Answer {
  let isDeleted = false;
  return (request, response, body) => {
    if (request.method === 'DELETE' && refusal) return refusal(request, response, body);
    if (request.method === 'POST' && creation) return creation(request, response, body);
    isDeleted ||= request.method === 'DELETE';
    if (request.url?.includes('watch=true')) return void response.writeHead(200).flushHeaders();
    const isPods = request.url?.includes('/pods?');
    const isEvents = request.url?.includes('/events?');
    const items = isDeleted ? [] : isEvents ? events() : pods;
    const answer =
      isPods || isEvents ? json(200, { items }) : isDeleted ? failure(404, 'NotFound', 'gone') : json(200, aJob());
    answer(request, response, body);
  };
}

test.each([
  ['what it waited for', { ...aPod({ conditions }), spec: {} }, 'RECAC_ENVIRONMENT_START_FAILED', 'Insufficient cpu'],
  ['that it may still be pulled', aPod(), 'RECAC_IMAGE_PULL_FAILED', 'may still be pulling'],
])(
  'a pull that takes too long is an error that says %s',
  async (_, pod, code, words) => {
    await using server = await startServer(cluster({ pods: [pod] }));
    const options = { settings: { namespace: 'agents' }, removals: new Removals(), limitMs: 5_000 };
    const pulling = ensureImage({ client: server.client, namespace: 'agents' }, 'node:24', options);
    await expect(pulling).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  },
  20_000,
);

afterEach(() => void vi.useRealTimers());

const here = (client: ApiClient) => ({ client, namespace: 'agents' });

test('a cause has its own time: what was there before it does not count', async () => {
  const begunAt = performance.now();
  const words = () =>
    performance.now() - begunAt < 5_500
      ? 'pods "x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1'
      : 'pods "x" is forbidden: error looking up service account agents/default: serviceaccount "default" not found';
  await using server = await startServer(cluster({ events: () => [anEvent('FailedCreate', words())] }));
  const options = { settings: { namespace: 'agents' }, removals: new Removals(), limitMs: 9_000 };
  const error = await ensureImage(here(server.client), 'node:24', options).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ message: expect.stringMatching(/^no node had .* after 9 s: the ServiceAccount/) });
}, 15_000);

test('time in which nothing was wrong does not count for a cause that comes back', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const missing = anEvent('FailedCreate', 'error looking up service account: serviceaccount "default" not found');
  let looks = 0;
  const events = () => {
    looks += 1;
    if (looks === 2) vi.advanceTimersByTime(60_000);
    return looks === 2 ? [] : [missing];
  };
  await using server = await startServer(cluster({ events }));
  const stopped = new AbortController();
  const statuses: string[] = [];
  const onProgress = ({ status }: ImageProgress): void => {
    statuses.push(status);
    if (statuses.length === 3) stopped.abort();
  };
  const options = { settings: { namespace: 'agents' }, removals: new Removals(), onProgress, signal: stopped.signal };
  const error = await ensureImage(here(server.client), 'node:24', options).catch((cause: unknown) => cause);
  expect(error).toBe(stopped.signal.reason);
  expect(statuses[2]).toMatch(/^the ServiceAccount default does not exist/);
});

test('a quota on Jobs that is used up is told and waited for, and named when it took too long', async () => {
  const words =
    'jobs.batch "x" is forbidden: exceeded quota: few, requested: count/jobs.batch=1, used: count/jobs.batch=1, limited: count/jobs.batch=1';
  await using server = await startServer(cluster({ creation: failure(403, 'Forbidden', words) }));
  const statuses: string[] = [];
  const onProgress = ({ status }: ImageProgress): void => void statuses.push(status);
  const options = { settings: { namespace: 'agents' }, removals: new Removals(), limitMs: 5_000, onProgress };
  const error = await ensureImage(here(server.client), 'node:24', options).catch((cause: unknown) => cause);
  expect(statuses).toEqual([expect.stringMatching(/^waiting: quota few of the namespace is used up/)]);
  expect(error).toMatchObject({
    code: 'RECAC_ENVIRONMENT_START_FAILED',
    message: expect.stringMatching(/^no node had the image node:24 after 5 s: quota few of the namespace is used up/),
  });
});

test('what may pass is told while it is waited for, and what is left of an image that was not to be had is told with the error', async () => {
  const refusal = failure(403, 'Forbidden', 'jobs.batch "x" is forbidden: User "me" cannot delete resource "jobs"');
  await using server = await startServer(cluster({ pods: [{ ...aPod({ conditions }), spec: {} }], refusal }));
  const statuses: string[] = [];
  const onProgress = ({ status }: ImageProgress): void => void statuses.push(status);
  const options = { settings: { namespace: 'agents' }, removals: new Removals(), limitMs: 5_000, onProgress };
  const error = await ensureImage(here(server.client), 'node:24', options).catch((cause: unknown) => cause);
  expect(statuses.at(-1)).toMatch(/^waiting: no node has enough cpu/);
  expect(error).toMatchObject({
    code: 'RECAC_ENVIRONMENT_START_FAILED',
    message: expect.stringMatching(/after 5 s: no node has enough cpu .* kubectl delete --namespace agents job\//),
    details: {
      left: [expect.stringMatching(/^job\//)],
      cleanup: expect.stringMatching(/no right to delete jobs/),
    },
  });
});
