import { RecacError } from '@recac/engine-core';
import { afterEach, expect, test, vi } from 'vitest';
import type { ApiClient } from '../src/api/api-client.ts';
import { createJob } from '../src/environment/create-job.ts';
import { ServerPatience } from '../src/environment/server-patience.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { planned } from './job/samples.ts';

const { signal } = new AbortController();
const noQuota = failure(
  403,
  'Forbidden',
  'jobs.batch "x" is forbidden: exceeded quota: few, requested: count/jobs.batch=1, used: count/jobs.batch=1, limited: count/jobs.batch=1',
);
const noWebhook = failure(
  500,
  'InternalError',
  'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.kube-system.svc:443/": no endpoints available',
);
const broken = failure(503, 'ServiceUnavailable', 'busy');
const reset: Answer = (request) => void request.socket.destroy();

/** Creates a Job where creations are answered one after the other as told, then as they should, and no Job is found. Gives what was waited for. */
async function create(...answers: readonly Answer[]): Promise<readonly string[]> {
  const left = [...answers];
  await using server = await startServer((request, response, body) => {
    const missing = failure(404, 'NotFound', 'jobs.batch "x" not found');
    const answer = request.method === 'POST' ? (left.shift() ?? json(201, planned)) : missing;
    answer(request, response, body);
  });
  const told: string[] = [];
  const onWait = (message: string) => void told.push(message);
  const cluster = { client: server.client, namespace: 'agents' };
  const options = { isOurAttempt: () => false, isOurs: () => false, onWait, signal };
  expect(await createJob(cluster, planned, options)).toEqual(planned);
  return told;
}

afterEach(() => void vi.useRealTimers());

test.concurrent('a quota that was waited for leaves the server as many failures as before, and is told in plain words', async () => {
  const told = await create(noQuota, noQuota, noQuota, reset);
  expect(new Set(told)).toEqual(
    new Set([
      'waiting: quota few of the namespace is used up (requested: count/jobs.batch=1, used: count/jobs.batch=1, limited: count/jobs.batch=1). Stop other environments, or raise the quota.',
    ]),
  );
});

test.concurrent('a webhook that does not answer is waited for, and named', async () => {
  const told = await create(noWebhook, noWebhook);
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/^waiting: the admission webhook policy\.example\.com does not answer \(.*no endpoints/);
});

test.concurrent('a server that fails for some seconds is asked again, and that is told', async () => {
  const told = await create(broken, reset, broken, broken, broken);
  expect(told[0]).toMatch(/^waiting: the API server, or a proxy before it, does not answer \(ECONNRESET\)\. /);
  expect(told.at(-1)).toContain('cannot do it now (503: busy)');
});

test('one that fails for half a minute is told with the error', async () => {
  vi.useFakeTimers();
  const error = new RecacError('RECAC_ENGINE_UNAVAILABLE', 'no answer.');
  const patience = new ServerPatience({ onWait: undefined, signal });
  const failing = async () => {
    for (;;) await patience.pause(error);
  };
  const since = performance.now();
  const ended = failing().catch((reason: unknown) => [reason, Math.floor((performance.now() - since) / 10_000)]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await ended).toEqual([error, 3]);
});

test('one that never answers is told within a minute and a quarter, looks included, and that it is waited for is told before', async () => {
  vi.useFakeTimers();
  const error = new RecacError('RECAC_ENGINE_UNAVAILABLE', 'no answer.', { details: { reason: 'Timeout' } });
  const request = async ({ timeoutMs = 30_000 }: { readonly timeoutMs?: number }): Promise<never> => {
    await new Promise((resolve) => setTimeout(resolve, timeoutMs));
    throw error;
  };
  const cluster = { client: { request } as unknown as ApiClient, namespace: 'agents' };
  const told: number[] = [];
  const onWait = () => void told.push(performance.now() - since);
  const since = performance.now();
  const creating = createJob(cluster, planned, { isOurAttempt: () => false, isOurs: () => false, onWait, signal });
  const ended = creating.catch((reason: unknown) => [reason, performance.now() - since]);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(await ended).toEqual([error, expect.closeTo(72_500, -4)]);
  expect(told).toEqual([expect.closeTo(35_000, -4)]);
});
