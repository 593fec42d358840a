import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { SocketPulse, type SocketPulseOptions } from '../../src/exec/socket-pulse.ts';

afterEach(() => void vi.useRealTimers());

/** A line whose other end answers no ping, and takes nothing until `take` is called. */
async function withLine(
  options: SocketPulseOptions,
  run: (given: { socket: WebSocket; pulse: SocketPulse; told: string[]; take: () => void }) => Promise<void>,
): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(socket, 'open');
  const [other] = (await accepted) as [WebSocket];
  other.pause();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const told: string[] = [];
  const pulse = new SocketPulse(socket, (reason) => told.push(reason), options);
  try {
    await run({ socket, pulse, told, take: () => other.resume() });
  } finally {
    pulse.stop();
    socket.terminate();
    other.terminate();
    server.close();
  }
}

const large = Buffer.alloc(32 * 1_048_576);

test('a line that says nothing is given up soon, and later where something was sent', async () => {
  await withLine({}, async ({ told, pulse }) => {
    pulse.feed();
    vi.advanceTimersByTime(100_000);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(30_000);
    expect(told[0]).toMatch(/^nothing was heard for 12\d s/);
  });
  await withLine({}, async ({ told }) => {
    vi.advanceTimersByTime(20_000);
    expect(told[0]).toMatch(/^nothing was heard for 1\d s/);
  });
});

test('one that may wait for somebody to take what was sent is not, until that has left', async () => {
  await withLine({ waitsForTaker: true }, async ({ socket, pulse, told, take }) => {
    pulse.feed();
    socket.send(large);
    vi.advanceTimersByTime(590_000);
    expect(told).toEqual([]);
    take();
    while (socket.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    vi.advanceTimersByTime(100_000);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(30_000);
    expect(told[0]).toMatch(/^nothing was heard for 12\d s/);
  });
});

test('nor for ever: a proxy whose backend is gone may keep a line open', async () => {
  await withLine({ waitsForTaker: true }, async ({ socket, pulse, told }) => {
    pulse.feed();
    socket.send(large);
    vi.advanceTimersByTime(620_000);
    expect(told[0]).toMatch(/^nothing was taken for 60\d s/);
  });
});
