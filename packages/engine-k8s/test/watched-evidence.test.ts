import { expect, test } from 'vitest';
import { WatchedEvidence } from '../src/environment/watched-evidence.ts';
import { NamespaceWatch } from '../src/watch/namespace-watch.ts';
import { failure, json, startServer } from './api/test-server.ts';
import { aJob, anEvent } from './job/samples.ts';

test('warnings are seen also where their first list failed', async () => {
  const event = {
    ...anEvent('FailedCreate', 'quota'),
    metadata: { name: 'e', uid: 'e', resourceVersion: '9' },
    involvedObject: { uid: aJob().metadata.uid },
  };
  let lists = 0;
  await using server = await startServer((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    if (searchParams.get('watch')) return void response.writeHead(200).flushHeaders();
    const isEvents = pathname.endsWith('/events');
    if (isEvents) lists += 1;
    const refused = failure(409, 'Conflict', 'not now');
    const items = isEvents ? [event] : [aJob()];
    const answer = isEvents && lists === 1 ? refused : json(200, { metadata: { resourceVersion: '10' }, items });
    answer(request, response, body);
  });
  const cluster = { client: server.client, namespace: 'agents' };
  const watch = new NamespaceWatch(cluster);
  const controller = new AbortController();
  const scope = watch.of(aJob().metadata.name);
  const evidence = new WatchedEvidence({ cluster, watch, scope }, () => {}, controller.signal);
  try {
    expect((await evidence.gather({ job: aJob() })).jobEvents).toEqual([]);
    const look = async () => (await evidence.gather({ job: aJob() })).jobEvents.map(({ reason }) => reason);
    await expect.poll(look, { timeout: 10_000 }).toEqual(['FailedCreate']);
  } finally {
    controller.abort();
    watch.close();
  }
});
