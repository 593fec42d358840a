import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listContainers } from '../../src/container/container-store.ts';
import type { DaemonClient } from '../../src/daemon/daemon-client.ts';
import { readDaemonTime } from '../../src/daemon/daemon-time.ts';

// No issue number: a review found this by reading.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("lists ask for the daemon's clock once in five minutes, whatever becomes of our own", async () => {
  const calls: string[] = [];
  const daemonStart = Date.parse('2020-01-01T00:00:00Z');
  const began = performance.now();
  const now = (): number => daemonStart + performance.now() - began;
  const container = {
    Id: 'a'.repeat(64),
    State: 'created',
    Status: 'Created',
    Created: daemonStart / 1_000,
    Names: ['/recac-agent-x'],
    Labels: {},
  };
  const client = {
    get: async (what: string) => {
      calls.push(what);
      return { SystemTime: new Date(now()).toISOString() };
    },
    docker: {
      listContainers: async () => [container],
    },
    call: (what: string, work: (signal: AbortSignal) => Promise<unknown>) => {
      calls.push(what);
      return work(new AbortController().signal);
    },
  } as unknown as DaemonClient;
  const list = () => listContainers(client, undefined, { signal: new AbortController().signal, onStale: () => {} });
  const asked = (): number => calls.filter((what) => what.includes('clock')).length;
  for (let second = 0; second < 290; second += 10) {
    await list();
    vi.advanceTimersByTime(10_000);
  }
  vi.setSystemTime(0);
  await list();
  expect(asked()).toBe(1);
  vi.advanceTimersByTime(10_000);
  await list();
  expect(asked()).toBe(2);
  expect(await readDaemonTime(client)).toBe(now());
});
