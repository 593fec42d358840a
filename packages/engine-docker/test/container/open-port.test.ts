import { Buffer } from 'node:buffer';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openExec } from '../../src/container/exec-process.ts';
import { openContainerPort } from '../../src/container/open-port.ts';
import type { DaemonClient } from '../../src/daemon/daemon-client.ts';

// No issue numbers: a review found these by reading.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function toFrame(text: string): Buffer {
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** A connection through a relay that runs until told, and the calls that the daemon gets. */
async function connect(closing = new AbortController().signal) {
  const calls: string[] = [];
  const relay = { isRunning: true };
  const line = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  const client = {
    endpoint: 'unix:///nowhere.sock',
    call: async (what: string) => {
      calls.push(what);
      return what === 'opening a process' ? { id: 'exec' } : { Running: relay.isRunning, ExitCode: 0 };
    },
    upgrade: async () => line,
  };
  const endings: Promise<void>[] = [];
  const { signal } = new AbortController();
  const onLeft = (ending: Promise<void>): number => endings.push(ending);
  line.push(toFrame('ok\n'));
  const connection = await openContainerPort(80, {
    open: (spec) => openExec(client as unknown as DaemonClient, 'container', spec, signal),
    signal,
    onLeft,
    closing,
  });
  calls.length = 0;
  return { calls, relay, line, connection, settle: () => Promise.all(endings) };
}

test('a relay that is known to have ended costs no look when its connection is closed', async () => {
  const { calls, relay, line, connection, settle } = await connect();
  relay.isRunning = false;
  line.push(null);
  for await (const _chunk of connection.output);
  await vi.advanceTimersByTimeAsync(100);
  expect(calls).toEqual(['looking for the end of a process']);
  await connection[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(10_000);
  await settle();
  expect(calls).toEqual(['looking for the end of a process']);
});

test('one that ends soon costs one look, a second later', async () => {
  const { calls, relay, connection, settle } = await connect();
  await connection[Symbol.asyncDispose]();
  relay.isRunning = false;
  await vi.advanceTimersByTimeAsync(900);
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(10_000);
  await settle();
  expect(calls).toEqual(['looking for the end of a process']);
});

test('one that runs on is killed, soon where the engine is closed', async () => {
  const closing = new AbortController();
  const { calls, connection } = await connect(closing.signal);
  await connection[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(50);
  closing.abort();
  await vi.advanceTimersByTimeAsync(110);
  expect(calls).toEqual(['looking for the end of a process', 'opening a process']);
});

test('one that is open when the engine is closed is closed with it, once', async () => {
  const closing = new AbortController();
  const { calls, line, connection } = await connect(closing.signal);
  closing.abort();
  expect(line.destroyed).toBe(true);
  await connection[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(calls).toEqual(['looking for the end of a process', 'opening a process']);
});
