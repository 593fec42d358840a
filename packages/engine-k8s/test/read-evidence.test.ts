import { expect, test } from 'vitest';
import { readEvidence } from '../src/environment/read-evidence.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { aJob } from './job/samples.ts';

async function readBehind(answer: Answer, signal = new AbortController().signal) {
  const events = json(200, { items: [] });
  await using server = await startServer((request, response, body) =>
    (request.url?.includes('/jobs/') ? answer : events)(request, response, body),
  );
  return await readEvidence({ client: server.client, namespace: 'agents' }, { job: aJob() }, signal);
}

test('only a Job that the API server does not know is gone; one that it does not tell of is as it was', async () => {
  expect((await readBehind(failure(404, 'NotFound', 'jobs "x" not found'))).job).toBeUndefined();
  expect((await readBehind(json(200, aJob({}, { uid: 'another' })))).job).toBeUndefined();
  const refused = failure(403, 'Forbidden', 'jobs is forbidden: User "me" cannot get resource "jobs"');
  expect((await readBehind(refused)).job).toEqual(aJob());
});

test('a cancelled look gives no evidence', async () => {
  const controller = new AbortController();
  const abort: Answer = () => controller.abort(new Error('enough'));
  await expect(readBehind(abort, controller.signal)).rejects.toThrow('enough');
});
