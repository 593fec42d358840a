import { environmentNotFound } from '@recac/engine-kit';
import { expect, test } from 'vitest';
import { confirmGone } from '../src/environment/confirm-gone.ts';
import { notFoundAs } from '../src/exec/exec-refusal.ts';
import type { ContainerStatus, Pod } from '../src/job/pod.ts';
import { type Answer, failure, json, startServer } from './api/test-server.ts';
import { anAgent, aPod } from './job/samples.ts';

const id = 'agents/recac-agent-x/uid';
const address = { namespace: 'agents', pod: 'recac-agent-x', environmentId: id };
const killed = { terminated: { exitCode: 143, reason: 'Error' } };
const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } };

/** What is made of a kubelet's "container not found" when this is what the API server shows of the pod. */
async function readUnknown(answer: Answer): Promise<unknown> {
  await using server = await startServer(answer);
  return await confirmGone({ client: server.client, namespace: 'agents' }, address, environmentNotFound(id));
}

const running = (agent: ContainerStatus, change?: Partial<Pod>): Pod =>
  aPod({ phase: 'Running', containerStatuses: [agent] }, change);
const gone = 'RECAC_ENVIRONMENT_NOT_FOUND';

test.each([
  ['has ended', running(anAgent(killed)), gone, 'Exited'],
  ['waits to be started again', running(anAgent(backOff, { lastState: killed })), gone, 'Exited'],
  [
    'was started again',
    running(anAgent({ running: {} }, { lastState: killed, restartCount: 1 })),
    gone,
    'ContainerRestarted',
  ],
  ['was killed before its kubelet said that it runs', aPod({ phase: 'Pending' }), 'RECAC_EXEC_FAILED', 'ExecFailed'],
  ['runs, and its kubelet does not know it', running(anAgent({ running: {} })), 'RECAC_EXEC_FAILED', 'ExecFailed'],
])('an exec that finds no container, where that %s', async (_, pod, code, reason) => {
  expect(await readUnknown(json(200, pod))).toMatchObject({ code, details: { reason } });
});

test('an exec that finds no container, where there is no pod', async () => {
  const error = await readUnknown(failure(404, 'NotFound', 'pods "recac-agent-x" not found'));
  expect(error).toMatchObject({ code: gone });
});

test('words of whoever answered that there is no such container are kept: it may have been a proxy', async () => {
  await using server = await startServer(json(200, running(anAgent({ running: {} }))));
  const here = { client: server.client, namespace: 'agents' };
  const error = await confirmGone(here, address, notFoundAs('404 page not found', id));
  expect(error).toMatchObject({ message: expect.stringContaining('(404 page not found)') });
});
