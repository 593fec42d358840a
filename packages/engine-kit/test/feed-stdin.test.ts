import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ExecHandle } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { feedStdin } from '../src/exec/feed-stdin.ts';

const mebibyte = 1_048_576;

/** A command that takes what it is given and never ends by itself. */
function takingHandle(
  onWrite: (data: Uint8Array) => Promise<void>,
): ExecHandle & { end: () => Promise<void>; over: () => void } {
  const ended = Promise.withResolvers<unknown>();
  const handle = { write: onWrite, end: async () => {}, wait: () => ended.promise, over: () => ended.resolve({}) };
  return handle as unknown as ReturnType<typeof takingHandle>;
}

test('of what was sent nothing is kept, however much it was', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let sent = 0;
  let most = 0;
  const handle = takingHandle(async (data) => {
    sent += data.length;
    if (sent % (16 * mebibyte) !== 0) return;
    // What one collection finds is freed in the background; the next one waits for that.
    for (let time = 0; time < 2; time += 1) {
      await new Promise(setImmediate);
      collect();
    }
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  });
  collect();
  const before = process.memoryUsage().arrayBuffers;
  await feedStdin(
    handle,
    (async function* () {
      for (let piece = 0; piece < 128; piece += 1) yield new Uint8Array(mebibyte);
    })(),
  );
  expect(sent).toBe(128 * mebibyte);
  expect((most - before) / mebibyte).toBeLessThan(32);
});

test('a source that has nothing more to say is left when the command has ended', async () => {
  const handle = takingHandle(async () => {});
  let isLeft = false;
  const feeding = feedStdin(handle, {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: async () => {
        isLeft = true;
        return { done: true, value: undefined };
      },
    }),
  });
  handle.over();
  await feeding;
  expect(isLeft).toBe(true);
});

/** A source of these pieces that never ends by itself. */
function endlessSource(pieces: readonly unknown[]) {
  const source = {
    isLeft: false,
    async *[Symbol.asyncIterator](): AsyncGenerator<never> {
      try {
        for (const piece of pieces) yield piece as never;
        for (;;) yield new Uint8Array(mebibyte) as never;
      } finally {
        source.isLeft = true;
      }
    },
  };
  return source;
}

test('pieces of text are sent as UTF-8, beside bytes', async () => {
  const sent: Uint8Array[] = [];
  const handle = takingHandle(async (data) => void sent.push(data));
  async function* source(): AsyncGenerator<string | Uint8Array> {
    yield 'hello ';
    yield new Uint8Array([0, 255]);
    yield '€';
  }
  await feedStdin(handle, source());
  expect(Buffer.concat(sent)).toEqual(Buffer.from('hello \0\xff\xe2\x82\xac', 'latin1'));
});

test.each([5, null, undefined, [104, 105], new Uint16Array(2), { length: 3 }])(
  'a piece that is neither text nor bytes is refused, and its source is left: %j',
  async (piece) => {
    const source = endlessSource(['x', piece]);
    const feeding = feedStdin(
      takingHandle(async () => {}),
      source,
    );
    await expect(feeding).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT', details: { field: 'stdin' } });
    expect(source.isLeft).toBe(true);
  },
);

test('a source is left when a piece could not be written', async () => {
  for (const delayMs of [0, 20]) {
    const source = endlessSource([]);
    const handle = takingHandle(async () => {
      if (delayMs > 0) await setTimeout(delayMs);
      throw new Error('unwritable');
    });
    await expect(feedStdin(handle, source)).rejects.toThrow('unwritable');
    await expect.poll(() => source.isLeft).toBe(true);
  }
});

test('the error of a source is the error of feeding', async () => {
  const feeding = feedStdin(
    takingHandle(async () => {}),
    (async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error('unreadable');
    })(),
  );
  await expect(feeding).rejects.toThrow('unreadable');
});
