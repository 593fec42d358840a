import { setTimeout as delay } from 'node:timers/promises';
import type { StartEvent } from '@recac/engine-core';
import { PhaseClock } from '@recac/engine-kit';
import { expect, test, vi } from 'vitest';
import { awaitShell } from '../src/environment/await-shell.ts';
import type { Pod } from '../src/job/pod.ts';
import { NamespaceWatch } from '../src/watch/namespace-watch.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { aJob, anAgent, anEvent, aPod } from './job/samples.ts';

vi.setConfig({ testTimeout: 30_000 });

const pod = aPod({ containerStatuses: [anAgent({ waiting: { reason: 'PodInitializing' } })] });
const ofPod = (event: ReturnType<typeof anEvent>) => ({
  ...event,
  metadata: { name: event.reason, uid: event.reason, resourceVersion: '9' },
  involvedObject: { uid: pod.metadata.uid, fieldPath: 'spec.initContainers{recac-seed}' },
});
const words = 'MountVolume.SetUp failed for volume "c" : configmap "late" not found';
const failed = ofPod(anEvent('FailedMount', words, '2026-11-24T08:00:02Z'));
const pulling = ofPod({ ...anEvent('Pulling', 'Pulling image "x"', '2026-11-24T08:00:03Z'), type: 'Normal' });

interface TestCluster {
  readonly events?: readonly object[];
  /** Default: one that waits for its init container. */
  readonly shown?: Pod;
  /** What exec is answered. Default: that there is no container. */
  readonly exec?: Answer;
}

const noContainer = failure(500, 'InternalError', 'container not found ("agent")');

function cluster({ events = [], shown = pod, exec = noContainer }: TestCluster): Answer {
  const warnings = shown === pod ? [failed] : [];
  return (request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    const kind = pathname.split('/').at(-1);
    if (kind === 'exec') return exec(request, response, body);
    if (searchParams.get('watch')) return void response.writeHead(200).flushHeaders();
    const selector = searchParams.get('fieldSelector') ?? '';
    const ofKind = { jobs: [aJob()], pods: [shown], events: selector === 'type=Warning' ? warnings : events };
    const isOfAgent = selector.includes('fieldPath');
    const items = isOfAgent ? [] : ofKind[kind as keyof typeof ofKind];
    json(200, items ? { metadata: { resourceVersion: '10' }, items } : aJob())(request, response, body);
  };
}

async function startIn(
  shown: TestCluster,
  patienceMs: number,
  onEvent: (event: StartEvent) => void = () => {},
): Promise<unknown> {
  await using server = await startServer(cluster(shown));
  const here = { client: server.client, namespace: 'agents' };
  const watch = new NamespaceWatch(here);
  const controller = new AbortController();
  const clock = new PhaseClock(onEvent);
  clock.begin('admit');
  const scope = watch.of(aJob().metadata.name);
  const start = { job: aJob(), cluster: here, watch, scope, clock, environmentId: 'a/b/c', signal: controller.signal };
  const starting = awaitShell(start).catch((error: unknown) => error);
  try {
    return await Promise.race([starting, delay(patienceMs, 'it waits')]);
  } finally {
    controller.abort();
    await starting;
    watch.close();
  }
}

test('a mount that failed before an init container looks for its image does not end the start; one that still fails does', async () => {
  const [waiting, ended] = await Promise.all([
    startIn({ events: [failed, pulling] }, 9_000),
    startIn({ events: [failed] }, 20_000),
  ]);
  expect(waiting).toBe('it waits');
  expect(ended).toMatchObject({ code: 'RECAC_ENVIRONMENT_START_FAILED', details: { reason: 'ConfigMissing' } });
});

test('a proxy that answers exec with 404 is told of once the container has run for some seconds', async () => {
  const shown = aPod({ phase: 'Running', containerStatuses: [anAgent({ running: {} })] });
  const exec: Answer = (_request, response) => void response.writeHead(404).end('404 page not found\n');
  const begunAt = performance.now();
  const told: { readonly message: string; readonly afterMs: number }[] = [];
  const note = ({ message = '' }: StartEvent): void => {
    if (/no command can be run/.test(message)) told.push({ message, afterMs: performance.now() - begunAt });
  };
  expect(await startIn({ shown, exec }, 9_000, note)).toBe('it waits');
  expect(told).toHaveLength(1);
  expect(told[0]?.message).toMatch(/the pod runs, but no command can be run in it \(404 page not found\)/);
  expect(told[0]?.afterMs).toBeGreaterThan(4_900);
});
