import { RecacError } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { explainAttempt } from '../src/environment/explain-attempt.ts';
import { Removals } from '../src/environment/removals.ts';
import { removeJob } from '../src/environment/remove-job.ts';
import { failure, json, startServer } from './api/test-server.ts';

const signal = new AbortController().signal;

test.each([
  [
    'is refused',
    failure(
      403,
      'Forbidden',
      'jobs.batch "x" is forbidden: User "me" cannot delete resource "jobs" in API group "batch" in the namespace "agents"',
    ),
    /no right to delete jobs .*job\/x in namespace agents is left.*kubectl delete --namespace agents job\/x/,
  ],
  [
    'is not answered',
    failure(504, 'Timeout', 'no'),
    /^job\/x in namespace agents may be left, or its pod \(kubectl delete --namespace agents job\/x\): could not delete .*in the background/,
  ],
])('a start that failed, and whose removal %s, tells what is left', async (_, answer, words) => {
  await using server = await startServer(answer);
  const cluster = { client: server.client, namespace: 'agents' };
  const removals = new Removals();
  const cleanup = await removals.removeUnknown((until) => removeJob(cluster, { name: 'x', uid: 'u' }, until));
  removals.close();
  const error = new RecacError('RECAC_ENVIRONMENT_START_FAILED', 'it was evicted.', { details: { reason: 'Evicted' } });
  const found = { signal, name: 'x', evidence: undefined, cleanup };
  expect(explainAttempt(error, cluster, found)).toMatchObject({
    code: 'RECAC_ENVIRONMENT_START_FAILED',
    message: 'it was evicted.',
    details: { reason: 'Evicted', left: ['job/x'], cleanup: expect.stringMatching(words) },
  });
});

test('a start that failed and has left nothing is told as it is', async () => {
  await using server = await startServer(json(200, { kind: 'Status' }), json(200, { items: null }));
  const cluster = { client: server.client, namespace: 'agents' };
  const removals = new Removals();
  const cleanup = await removals.removeUnknown((until) => removeJob(cluster, { name: 'x', uid: 'u' }, until));
  removals.close();
  const error = new RecacError('RECAC_ABORTED', 'it was cancelled.');
  expect(explainAttempt(error, cluster, { signal, name: 'x', evidence: undefined, cleanup })).toBe(error);
});
