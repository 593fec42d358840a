import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchEnvironments } from '../src/environment/watch-environments.ts';
import type { EnvironmentWatch } from '../src/watch/namespace-watch.ts';
import { ObjectWatch } from '../src/watch/object-watch.ts';
import { failure, startServer } from './api/test-server.ts';

test('a first list that is refused rejects the watch, and nothing else', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  await using server = await startServer(failure(403, 'Forbidden', 'User "me" cannot list resource "jobs"'));
  const open = (path: string) =>
    new ObjectWatch({ client: server.client, path, query: {}, project: (object: never) => object });
  const watch = { jobs: open('/apis/batch/v1/jobs'), pods: open('/api/v1/pods') } as unknown as EnvironmentWatch;
  const removals = { show: (status: never) => status, listen: () => () => {} };
  const events = watchEnvironments(watch, { name: undefined, removals, signal: new AbortController().signal });
  await expect(events.next()).rejects.toMatchObject({ code: 'RECAC_PERMISSION_DENIED' });
  await setImmediate();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
