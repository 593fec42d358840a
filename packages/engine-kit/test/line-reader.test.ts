import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader } from '../src/lane/line-reader.ts';

type Part = { readonly line: string } | { readonly bytes: Uint8Array };

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ line: fc.string().map((text) => text.replaceAll('\n', '')) }),
  fc.record({ bytes: fc.uint8Array({ maxLength: 200 }) }),
);

function toBytes(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((one) => ('line' in one ? Buffer.from(`${one.line}\n`, 'utf8') : one.bytes)));
}

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...pieces, bytes.subarray(at)].filter((piece) => piece.length > 0);
}

function readerOver(pieces: readonly Buffer[]): LineReader {
  return new LineReader(Readable.from(pieces, { objectMode: false }));
}

test('lines and counted bytes come out the same however they are split', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part), fc.array(fc.integer({ min: 1, max: 40 })), async (parts, sizes) => {
      const reader = readerOver(split(toBytes(parts), sizes));
      for (const one of parts) {
        if ('line' in one)
          expect(Buffer.from((await reader.readLine()) ?? '', 'latin1').toString('utf8')).toBe(one.line);
        else expect(Buffer.concat(await reader.readBytes(one.bytes.length))).toEqual(Buffer.from(one.bytes));
      }
      expect(await reader.readLine()).toBeUndefined();
    }),
  );
});

test('a last line without its newline is no line', async () => {
  const reader = readerOver([Buffer.from('whole\nhal'), Buffer.from('f')]);
  expect(await reader.readLine()).toBe('whole');
  expect(await reader.readLine()).toBeUndefined();
});

test('a stream that ends inside counted bytes is an error that says how many are missing', async () => {
  await expect(readerOver([Buffer.from('abc')]).readBytes(10)).rejects.toThrow('7 bytes early');
});

test('a line that never ends is refused instead of filling the memory', async () => {
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(16_384, 'x');
    })(),
    { objectMode: false },
  );
  await expect(new LineReader(endless).readLine()).rejects.toThrow('65536');
});
