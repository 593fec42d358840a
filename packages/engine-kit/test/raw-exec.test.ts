import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RawExit, RawProcess } from '../src/engine-driver.ts';
import { RawExec } from '../src/exec/raw-exec.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A process in a terminal: its stderr says nothing, and does not end. */
function startTerminal() {
  const exit = Promise.withResolvers<RawExit>();
  const process = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    exited: exit.promise,
    signal: () => {},
    resize: async () => {},
    close: () => {},
  } satisfies RawProcess;
  const handle = new RawExec({
    backend: 'test',
    environmentId: 'test',
    process,
    stdin: 'pipe',
    terminal: true,
    isDurable: true,
    killGraceMs: 1_000,
  });
  return { process, handle, end: () => exit.resolve({ type: 'exited', code: 0 }) };
}

async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += Buffer.from(piece).toString();
  return text;
}

test('a terminal whose stderr nobody reads leaves no timer once it has ended', async () => {
  const { process, handle, end } = startTerminal();
  process.stdout.end('out');
  const reading = readText(handle.stdout);
  end();
  await handle.wait();
  await vi.advanceTimersByTimeAsync(200);
  expect(await reading).toBe('out');
  expect(vi.getTimerCount()).toBe(0);
});

test('a handle that is disposed of leaves no timer and no open stream, although its output was not read to its end', async () => {
  const { process, handle, end } = startTerminal();
  process.stdout.write('out');
  process.stdout.write('more');
  const reader = handle.stdout[Symbol.asyncIterator]();
  await reader.next();
  end();
  await handle.wait();
  await handle[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(200);
  expect([process.stdout.destroyed, process.stderr.destroyed]).toEqual([true, true]);
  expect(vi.getTimerCount()).toBe(0);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test('a command that ends within the grace of its cancel leaves no timer', async () => {
  const { process, handle, end } = startTerminal();
  process.stdout.resume();
  const cancelling = handle.cancel();
  await vi.advanceTimersByTimeAsync(10);
  end();
  await cancelling;
  await vi.advanceTimersByTimeAsync(200);
  expect((await handle.wait()).killed?.signal).toBe('SIGTERM');
  expect(vi.getTimerCount()).toBe(0);
});

test('output that a background child holds open ends once its reader has waited in vain', async () => {
  const { process, handle, end } = startTerminal();
  process.stdout.write('out');
  const reading = readText(handle.stdout);
  end();
  await vi.advanceTimersByTimeAsync(200);
  expect(await reading).toBe('out');
  expect((await handle.wait()).outputHeldOpen).toBe(true);
});

test('a reader that comes after the exit gets what is there, and the end', async () => {
  const { process, handle, end } = startTerminal();
  process.stdout.write('out');
  end();
  await handle.wait();
  await vi.advanceTimersByTimeAsync(1_000);
  const reading = readText(handle.stdout);
  await vi.advanceTimersByTimeAsync(200);
  expect(await reading).toBe('out');
});

test('a command in a terminal cannot be left, although the engine keeps records', async () => {
  const { handle } = startTerminal();
  await expect(handle.detach()).rejects.toMatchObject({
    code: 'RECAC_INVALID_ARGUMENT',
    details: { field: 'terminal' },
  });
});
