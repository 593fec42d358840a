import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ExtractReport, extractArchive } from '../../src/archive/extract-archive.ts';
import { placeStaged } from '../../src/copy/stage.ts';
import { inPieces, type Member, toTar } from './tar-bytes.ts';

let directory: string;
let target: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-extract-'));
  target = join(directory, 'target');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const extract = (members: readonly Member[], root?: string): Promise<ExtractReport> =>
  extractArchive(inPieces(toTar(members), 1_000), { target, ...(root === undefined ? {} : { root }) });

describe('an honest archive', () => {
  test('comes out with its links, modes and times, and without set-uid', async () => {
    const report = await extract([
      { name: './', type: 'directory', mode: 0o500 },
      { name: './d/f', body: 'content', mode: 0o4750 },
      { name: './d/up', type: 'link', linkName: '../g' },
      { name: './g', body: '' },
      { name: './h', type: 'hardLink', linkName: './d/f' },
      { name: './fifo', type: 'special' },
    ]);
    expect(report).toEqual({ entries: 5, bytes: 7, skipped: ['./fifo'] });
    expect((await stat(join(target, 'd/f'))).mode & 0o7777).toBe(0o750);
    expect((await stat(join(target, 'd/f'))).mtimeMs).toBe(1_000_000_000);
    expect((await stat(target)).mode & 0o777).toBe(0o700);
    expect(await readlink(join(target, 'd/up'))).toBe('../g');
    expect(await readFile(join(target, 'h'), 'utf8')).toBe('content');
  });

  test('of one file', async () => {
    await extract(
      [{ name: './ä/b', body: 'one' }].map((member) => ({
        ...member,
        name: Buffer.from(member.name).toString('latin1'),
      })),
      Buffer.from('ä/b').toString('latin1'),
    );
    expect(await readFile(target, 'utf8')).toBe('one');
  });
});

describe('a hostile archive is refused, and nothing is outside', () => {
  const link = (name: string, linkName: string): Member => ({ name, type: 'link', linkName });
  test.each<[string, readonly Member[]]>([
    ['an absolute name', [{ name: '/etc/x' }]],
    ['a step up', [{ name: '../x' }]],
    ['a step up in the middle', [{ name: 'a/../../x' }]],
    ['an absolute link', [link('l', '/etc/passwd')]],
    ['a link outside', [link('l', '../x')]],
    ['a link outside from below', [link('d/l', '../../x')]],
    ['a link that turns', [{ name: 'a/b', type: 'directory' }, link('l', 'a/b/../../..')]],
    ['a link without target', [link('l', '')]],
    ['the whole is a link', [link('.', 'x')]],
    ['a file through a link', [link('l', '.'), { name: 'l/x', body: 'x' }]],
    ['a file through a file', [{ name: 'l' }, { name: 'l/x', body: 'x' }]],
    ['a name twice', [{ name: 'a' }, { name: './a', body: 'x' }]],
    ['a link over a file', [{ name: 'a' }, link('a', 'b')]],
    ['a hard link outside', [{ name: 'a', type: 'hardLink', linkName: '../outside' }]],
    ['a hard link to a link', [link('l', 'a'), { name: 'h', type: 'hardLink', linkName: 'l' }]],
    ['a link to a name that is longer than any', [link('l', 'x'.repeat(4_096))]],
    [
      'names of what is left out that fill the memory',
      Array.from({ length: 20 }, () => ({ name: 'x'.repeat(1_000_000), type: 'special' as const })),
    ],
    ['nothing', []],
  ])('%s', async (_, members) => {
    await writeFile(join(directory, 'outside'), 'untouched');
    await expect(extract(members)).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
    expect((await readdir(directory)).filter((name) => name !== 'target')).toEqual(['outside']);
    expect(await readFile(join(directory, 'outside'), 'utf8')).toBe('untouched');
  });

  test('what was not asked for', async () => {
    await expect(extract([{ name: './other' }], 'wanted')).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
    const archive = inPieces(toTar([{ name: './other', type: 'special' }]), 1_000);
    await expect(extractArchive(archive, { target, isWanted: () => false })).rejects.toMatchObject({
      code: 'RECAC_INVALID_ARGUMENT',
    });
  });
});

test('a merge goes through no link of the destination', async () => {
  await extract([{ name: './l/x', body: 'x' }]);
  const destination = join(directory, 'destination');
  const outside = join(directory, 'outside');
  await Promise.all([destination, outside].map((path) => import('node:fs/promises').then(({ mkdir }) => mkdir(path))));
  await symlink(outside, join(destination, 'l'));
  await expect(placeStaged(target, { path: destination, stageIn: directory })).rejects.toMatchObject({
    code: 'RECAC_INVALID_ARGUMENT',
  });
  expect(await readdir(outside)).toEqual([]);
  expect((await lstat(join(destination, 'l'))).isSymbolicLink()).toBe(true);
});
