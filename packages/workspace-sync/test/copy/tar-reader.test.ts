import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TarEntry } from '../../src/archive/tar-entry.ts';
import { readTar } from '../../src/archive/tar-reader.ts';
import { inPieces, toTar } from './tar-bytes.ts';

async function readAll(bytes: Uint8Array, pieceLength = 4_096): Promise<readonly (TarEntry & { body: Buffer })[]> {
  const members: (TarEntry & { body: Buffer })[] = [];
  for await (const { entry, body } of readTar(inPieces(bytes, pieceLength))) {
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(Uint8Array.from(piece));
    members.push({ ...entry, body: Buffer.concat(pieces) });
  }
  return members;
}

test('what is written is read, whatever the pieces', async () => {
  const name = fc
    .string({
      unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 300,
    })
    .filter((text) => !text.endsWith('/'));
  const member = fc.record({ name, body: fc.string({ maxLength: 2_000 }), mode: fc.integer({ min: 0, max: 0o777 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3_000 }),
      async (members, length) => {
        const read = await readAll(toTar(members), length);
        expect(read.map(({ name, mode, body }) => ({ name, mode, body: body.toString() }))).toEqual(
          members.map(({ name, mode, body }) => ({ name, mode, body: Buffer.from(body).toString() })),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('no bytes make it do anything but read or refuse', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), fc.nat(2_000), async (noise, at) => {
      const bytes = toTar([{ name: 'a', body: 'x'.repeat(600) }]);
      bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), at);
      await readAll(bytes).catch((error) => expect(error).toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' }));
    }),
  );
});

test.each([['gnu'], ['pax'], ['ustar']])('archives of tar in the format %s', async (format) => {
  const directory = await mkdtemp(join(tmpdir(), 'recac-tar-'));
  const long = format === 'ustar' ? 'n'.repeat(90) : 'n'.repeat(180);
  const deep = format === 'ustar' ? 'd'.repeat(90) : 'd'.repeat(120);
  await writeFile(join(directory, long), 'content');
  execFileSync('mkdir', ['-p', join(directory, deep)]);
  await writeFile(join(directory, deep, `ä${long}`), 'more');
  const archive = execFileSync('tar', [`--format=${format}`, '-cf', '-', '-C', directory, '.'], { maxBuffer: 1e8 });
  await rm(directory, { recursive: true });
  const read = await readAll(archive);
  const found = Object.fromEntries(
    read.map(({ name, body }) => [Buffer.from(name, 'latin1').toString(), body.toString()]),
  );
  expect(found).toEqual({
    './': '',
    [`./${deep}/`]: '',
    [`./${deep}/ä${long}`]: 'more',
    [`./${long}`]: 'content',
  });
});

test.each([
  ['empty', Buffer.alloc(0)],
  ['cut in a header', toTar([{ body: 'abc' }]).subarray(0, 300)],
  ['cut in a body', toTar([{ body: 'x'.repeat(2_000) }]).subarray(0, 1_500)],
  ['cut before its end', toTar([{ body: 'abc' }]).subarray(0, 1_024)],
  ['no archive', Buffer.from('x'.repeat(2_000))],
])('%s is refused', async (_, bytes) => {
  await expect(readAll(bytes)).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
});
