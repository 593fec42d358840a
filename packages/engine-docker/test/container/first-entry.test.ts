import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFirstEntry } from '../../src/container/first-entry.ts';
import { tarEnd, toPadding, toTarHeader } from '../../src/tar-header.ts';

const times = { mode: 0o644, modifiedSeconds: 0 };

test('the first entry of an archive is read as it was written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_500 }), fc.string({ maxLength: 150 }), (bytes, path) => {
      const header = toTarHeader({ ...times, path, type: 'file', size: bytes.length });
      const archive = Buffer.concat([header, bytes, toPadding(bytes.length), tarEnd]);
      expect(readFirstEntry(archive)).toEqual({ type: 'file', content: Buffer.from(bytes) });
      if (bytes.length > 0)
        expect(readFirstEntry(archive.subarray(0, header.length + bytes.length - 1))).toBe(undefined);
    }),
  );
});

test('a link is read where a plain header holds it, and is else not guessed', () => {
  const read = (target: string) => readFirstEntry(toTarHeader({ ...times, path: 'a', type: 'link', size: 0, target }));
  expect(read('../b')).toEqual({ type: 'link', target: '../b' });
  expect(read('b'.repeat(200))).toBe(undefined);
  expect(readFirstEntry(toTarHeader({ ...times, path: 'a', type: 'directory', size: 0 }))).toBe(undefined);
});

test('bytes that are no archive are none', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => void readFirstEntry(Buffer.from(bytes))));
  expect(readFirstEntry(tarEnd)).toBe(undefined);
});
