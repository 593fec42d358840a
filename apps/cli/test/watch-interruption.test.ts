import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchInterruption } from '../src/interruption.ts';
import type { Io } from '../src/io.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Standard streams that keep what is said. Stderr has a reader when `isRead`. */
function createSilentIo({ isRead }: { readonly isRead: boolean }) {
  const said: string[] = [];
  const exits: number[] = [];
  const io = {
    stdoutClosed: new AbortController().signal,
    writeStderr: async (data: string) => {
      said.push(data);
      if (!isRead) await new Promise(() => {});
    },
    writeStdout: async (data: string) => {
      said.push(data);
    },
    exit: (code: number) => {
      exits.push(code);
    },
  } as unknown as Io;
  return { io, said, exits };
}

async function interrupt(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    await vi.advanceTimersByTimeAsync(200);
    process.emit('SIGHUP');
  }
}

// No issue number: a review found these.
test('what nobody reads is said once, and a further signal does not wait for it', async () => {
  const { io, said, exits } = createSilentIo({ isRead: false });
  using _ = watchInterruption(io, { json: true });
  await interrupt(3);
  expect(exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(150);
  expect(exits).toEqual([]);
  await interrupt(1);
  expect(exits).toEqual([129]);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(new Set(exits)).toEqual(new Set([129]));
  expect(said).toHaveLength(1);
});

test('the limit of the second holds for what comes after the watch, which has said its result', async () => {
  const { io, said, exits } = createSilentIo({ isRead: true });
  {
    using _ = watchInterruption(io, { json: true });
    await interrupt(2);
  }
  await vi.advanceTimersByTimeAsync(4_900);
  expect(exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(exits).toEqual([129]);
  expect(said).toEqual([]);
});
