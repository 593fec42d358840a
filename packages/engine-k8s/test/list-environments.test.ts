import { expect, test } from 'vitest';
import { listEnvironments } from '../src/environment/list-environments.ts';
import { json, startServer } from './api/test-server.ts';
import { aJob, aPod } from './job/samples.ts';

test('an environment that is made while the list is read is not one whose Job is gone', async () => {
  let isMade = false;
  await using server = await startServer((request, response, body) => {
    const isPods = request.url?.includes('/pods');
    const items = isMade ? [isPods ? aPod() : aJob()] : [];
    // It is made after the first of the two lists was answered.
    setTimeout(() => json(200, { items })(request, response, body), isMade ? 50 : 0);
    isMade = true;
  });
  const found = await listEnvironments(
    { client: server.client, namespace: 'agents' },
    'x=y',
    new AbortController().signal,
  );
  expect(found).toEqual([{ job: aJob() }]);
});
