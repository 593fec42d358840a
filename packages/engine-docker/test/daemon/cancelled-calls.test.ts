import { expect, test, vi } from 'vitest';
import { explainEnd } from '../../src/container/explain-end.ts';
import { watchContainers } from '../../src/container/watch-containers.ts';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import type { DaemonClient } from '../../src/daemon/daemon-client.ts';
import { readDaemonTime } from '../../src/daemon/daemon-time.ts';
import { inspectImage } from '../../src/image/inspect-image.ts';
import { removeNetwork } from '../../src/network/remove-network.ts';
import { type FakeAnswer, startFakeDaemon } from '../fake-daemon.ts';

const id = 'c'.repeat(64);
const now = { json: { SystemTime: new Date().toISOString() } };

test.each<[string, (client: DaemonClient, signal: AbortSignal) => Promise<unknown>]>([
  ['an image', (client, signal) => inspectImage(client, 'a', { signal })],
  ['a network', (client, signal) => removeNetwork(client, 'a', signal)],
  ['the clock', readDaemonTime],
  ['what happened', (client, signal) => explainEnd(client, id, signal)],
  ['what happens', async (client, signal) => await watchContainers(client, [], async () => [], signal).next()],
])('a cancelled call that the daemon does not answer ends there too: %s', async (what, ask) => {
  let isOpen = false;
  const hold: FakeAnswer = (response) => {
    isOpen = true;
    response.on('close', () => {
      isOpen = false;
    });
  };
  const answered = what === 'what happened' ? '/info' : undefined;
  await using daemon = await startFakeDaemon('1.47', ({ path }) => (path === answered ? now : hold));
  const { client } = await connectDaemon({ host: daemon.host }, AbortSignal.timeout(10_000));
  const cancelled = new AbortController();
  const asked = ask(client, cancelled.signal).catch(() => {});
  await vi.waitFor(() => expect(isOpen).toBe(true), 5_000);
  cancelled.abort();
  await asked;
  await vi.waitFor(() => expect(isOpen).toBe(false), 2_000);
  client.close();
});

test('a call that is cancelled while it waits to be tried again is not tried again', async () => {
  await using daemon = await startFakeDaemon('1.47', () => undefined);
  const { client } = await connectDaemon({ host: daemon.host }, AbortSignal.timeout(10_000));
  const cancelled = new AbortController();
  let attempts = 0;
  const fail = async (): Promise<never> => {
    attempts += 1;
    setTimeout(() => cancelled.abort(), 50);
    throw Object.assign(new Error('busy'), { statusCode: 429, retryAfterMs: 5_000 });
  };
  const options = { signal: cancelled.signal, idempotent: true };
  await expect(client.call('trying', fail, options)).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(attempts).toBe(1);
  client.close();
});
