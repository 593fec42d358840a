import { expect, test } from 'vitest';
import { listEnvironments, readEnvironment } from '../src/environment/list-environments.ts';
import { toShownStatus } from '../src/job/pod-status.ts';
import { projectJob } from '../src/watch/project-objects.ts';
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
  expect(found).toEqual([{ job: projectJob(aJob()) }]);
});

test('a list of many is read in pages, and keeps of each what its status is made of', async () => {
  const jobs = Array.from({ length: 1_100 }, (_, index) =>
    aJob(undefined, { name: `job-${index}`, uid: `uid-${index}` }),
  );
  const pods = jobs.map(({ metadata: { name, uid } }) => {
    const pod = aPod();
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }];
    const spec = { ...pod.spec, containers: [{ name: 'agent', env: [{ name: 'LONG', value: 'x'.repeat(1_000) }] }] };
    return { ...pod, metadata: { ...pod.metadata, uid: `pod-${uid}`, ownerReferences }, spec };
  });
  const left = pods.map((pod) => ({ ...pod, metadata: { ...pod.metadata, name: `${pod.metadata.name}-left` } }))[0];
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'gone', uid: 'gone', controller: true };
  if (left) pods.push({ ...left, metadata: { ...left.metadata, uid: 'left', ownerReferences: [owner] } });
  await using server = await startServer((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    const all: readonly object[] = pathname.endsWith('/pods') ? pods : jobs;
    const limit = Number(searchParams.get('limit') ?? all.length);
    const from = Number(searchParams.get('continue') ?? 0);
    const rest = from + limit < all.length ? { continue: String(from + limit) } : {};
    json(200, { metadata: rest, items: all.slice(from, from + limit) })(request, response, body);
  });
  const found = await listEnvironments(
    { client: server.client, namespace: 'agents' },
    'x=y',
    new AbortController().signal,
  );
  expect(server.requests).toHaveLength(6);
  expect(found).toHaveLength(1_101);
  expect(JSON.stringify(found)).not.toContain('LONG');
  expect(found.map(({ job, pod }) => toShownStatus(job, pod)?.phase)).toEqual([
    ...jobs.map(() => 'Pending'),
    'Terminating',
  ]);
});

test('the pod of one environment is found by what Kubernetes 1.25 and 1.26 put on it as well', async () => {
  const { uid } = aJob().metadata;
  const labels: Readonly<Record<string, string>> = { 'controller-uid': uid, 'job-name': aJob().metadata.name };
  await using server = await startServer((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    const [key = '', value] = (searchParams.get('labelSelector') ?? '').split('=');
    const answer = pathname.endsWith('/pods') ? { items: labels[key] === value ? [aPod()] : [] } : aJob();
    json(200, answer)(request, response, body);
  });
  const cluster = { client: server.client, namespace: 'agents' };
  const found = await readEnvironment(cluster, aJob().metadata, new AbortController().signal);
  expect(found?.pod?.metadata.uid).toBe(aPod().metadata.uid);
});
