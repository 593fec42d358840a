import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packPath } from '../../src/archive/pack-path.ts';
import { copyIn, copyOut, copyOutArchive } from '../../src/index.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from '../workspace-world.ts';

let world: WorkspaceWorld;
let id: string;
let inside: string;
let here: string;
let count = 0;

beforeAll(async () => {
  world = await createWorkspaceWorld();
  const environment = await world.engine.startEnvironment({ sessionId: 'copies' });
  id = environment.id;
  inside = environment.workspacePath;
});
afterAll(() => world[Symbol.asyncDispose]());

/** Each test has a directory here and one inside, of the same name. */
beforeEach(async () => {
  count += 1;
  here = join(world.directory, `here-${count}`);
  await mkdir(here);
  await mkdir(join(inside, `${count}`));
});

const within = (path: string): string => `${count}/${path}`;
const readInside = (path: string): Promise<string> => readFile(join(inside, within(path)), 'utf8');
const put = (source: string, destination: string): Promise<void> =>
  copyIn(world.engine, id, { source: `${here}/${source}`, destination: within(destination) });
const get = (source: string, destination: string): Promise<unknown> =>
  copyOut(world.engine, id, { source: within(source), destination: `${here}/${destination}` });
const invalid = { code: 'RECAC_INVALID_ARGUMENT' };

async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, 'sub'), { recursive: true });
  await writeFile(join(root, 'sub', 'data'), Buffer.from([0, 255, 10, 13, 0]));
  await writeFile(join(root, '-dash\nline'), 'odd');
  await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), 'no text');
  await writeFile(join(root, '.hidden'), 'h');
  await writeFile(join(root, 'run'), '#!/bin/sh\n');
  await chmod(join(root, 'run'), 0o4755);
  await writeFile(join(root, 'n'.repeat(200)), 'long');
  await symlink('../run', join(root, 'sub', 'link'));
}

test('a tree goes in and comes out as it was', async () => {
  await makeTree(join(here, 'tree'));
  await put('tree', 'copy');
  await get('copy', 'back');
  execFileSync('diff', ['-r', '--no-dereference', join(here, 'tree'), join(here, 'back')]);
  expect(await readlink(join(here, 'back/sub/link'))).toBe('../run');
  expect((await stat(join(inside, within('copy/run')))).mode & 0o7777).toBe(0o755);
  expect(await readdir(join(inside, `${count}`))).toEqual(['copy']);
  expect((await readdir(here)).sort()).toEqual(['back', 'tree']);
});

describe('the rules of docker cp, into', () => {
  beforeEach(async () => {
    await writeFile(join(here, 'file'), 'one');
    await makeTree(join(here, 'dir'));
    await mkdir(join(inside, within('there')));
    await writeFile(join(inside, within('taken')), 'old');
  });

  test.each([
    ['file', 'new', 'new'],
    ['file', 'taken', 'taken'],
    ['file', 'there', 'there/file'],
    ['file', 'there/', 'there/file'],
    ['dir', 'new', 'new/.hidden'],
    ['dir', 'new/', 'new/.hidden'],
    ['dir', 'there', 'there/dir/.hidden'],
    ['dir/.', 'there', 'there/.hidden'],
    ['dir/.', 'new', 'new/.hidden'],
  ])('%s to %s is %s', async (source, destination, expected) => {
    await put(source, destination);
    expect(await readInside(expected)).toBe(source === 'file' ? 'one' : 'h');
  });

  test.each([
    ['file', 'new/', 'must be a directory'],
    ['file', 'no/new', 'does not exist'],
    ['dir', 'taken', 'is a file'],
    ['dir', 'no/new', 'does not exist'],
    ['nothing', 'new', 'does not exist'],
    ['file/', 'new', 'is not a directory'],
  ])('%s to %s is refused', async (source, destination, message) => {
    const before = await readdir(join(inside, `${count}`));
    await expect(put(source, destination)).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining(message),
    });
    expect(await readdir(join(inside, `${count}`))).toEqual(before);
  });

  test('a merge adds and replaces, and refuses as a whole what is of another kind', async () => {
    await mkdir(join(inside, within('there/dir/sub')), { recursive: true });
    await writeFile(join(inside, within('there/dir/sub/mine')), 'mine');
    await writeFile(join(inside, within('there/dir/.hidden')), 'old');
    await put('dir', 'there');
    expect(await readInside('there/dir/sub/mine')).toBe('mine');
    expect(await readInside('there/dir/.hidden')).toBe('h');
    await mkdir(join(here, 'dir2/sub'), { recursive: true });
    await writeFile(join(here, 'dir2/aaa'), 'x');
    await mkdir(join(here, 'dir2/run'));
    await expect(put('dir2/.', 'there/dir')).rejects.toMatchObject(invalid);
    expect(await readdir(join(inside, within('there/dir')))).not.toContain('aaa');
  });

  test('a link is copied as a link, or what it leads to', async () => {
    await symlink('file', join(here, 'link'));
    await put('link', 'link');
    expect(await readlink(join(inside, within('link')))).toBe('file');
    await copyIn(world.engine, id, {
      source: join(here, 'link'),
      destination: within('followed'),
      followLink: true,
    });
    expect(await readInside('followed')).toBe('one');
  });
});

describe('the rules of docker cp, out of', () => {
  beforeEach(async () => {
    await writeFile(join(inside, within('file')), 'one');
    await makeTree(join(inside, within('dir')));
    await mkdir(join(here, 'there'));
    await writeFile(join(here, 'taken'), 'old');
  });

  test.each([
    ['file', 'new', 'new'],
    ['file', 'taken', 'taken'],
    ['file', 'there', 'there/file'],
    ['file', 'there/', 'there/file'],
    ['dir', 'new', 'new/.hidden'],
    ['dir', 'there', 'there/dir/.hidden'],
    ['dir/', 'there', 'there/dir/.hidden'],
    ['dir/.', 'there', 'there/.hidden'],
  ])('%s to %s is %s', async (source, destination, expected) => {
    await get(source, destination);
    expect(await readFile(join(here, expected), 'utf8')).toBe(source === 'file' ? 'one' : 'h');
  });

  test.each([
    ['file', 'new/', 'must be a directory'],
    ['file', 'no/new', 'does not exist'],
    ['dir', 'taken', 'is a file'],
    ['nothing', 'new', 'does not exist'],
    ['file/', 'new', 'does not exist'],
    ['dir/sub/link', 'new', '--follow-link'],
  ])('%s to %s is refused', async (source, destination, message) => {
    await expect(get(source, destination)).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining(message),
    });
    expect((await readdir(here)).sort()).toEqual(['taken', 'there']);
  });

  test('a link that leads outside stops the copy, and nothing of it is there', async () => {
    await symlink('/etc', join(inside, within('dir/zz')));
    await expect(get('dir', 'new')).rejects.toMatchObject({ ...invalid, message: expect.stringContaining('/etc') });
    expect((await readdir(here)).sort()).toEqual(['taken', 'there']);
  });
});

test('archives go in and out as streams', async () => {
  await makeTree(join(here, 'tree'));
  const archive = execFileSync('tar', ['-czf', '-', '-C', here, 'tree']);
  const source = (async function* () {
    for (let from = 0; from < archive.length; from += 100) yield archive.subarray(from, from + 100);
  })();
  await copyIn(world.engine, id, { source, destination: `${count}` });
  const pieces: Uint8Array[] = [];
  const onData = (piece: Uint8Array): void => void pieces.push(piece);
  await copyOutArchive(world.engine, id, { source: within('tree'), onData });
  await mkdir(join(here, 'out'));
  execFileSync('tar', ['-xf', '-', '-C', join(here, 'out')], { input: Buffer.concat(pieces) });
  execFileSync('diff', ['-r', '--no-dereference', join(here, 'tree'), join(here, 'out/tree')]);
});

test('an archive that ends too early leaves nothing', async () => {
  await writeFile(join(here, 'data'), 'x'.repeat(100_000));
  const archive = execFileSync('tar', ['-cf', '-', '-C', here, 'data']);
  const source = (async function* () {
    yield archive.subarray(0, 70_000);
  })();
  await expect(copyIn(world.engine, id, { source, destination: `${count}` })).rejects.toMatchObject(invalid);
  expect(await readdir(join(inside, `${count}`))).toEqual([]);
});

test.each([
  ['shrinks', 10],
  ['grows', 900_000],
])('a file that %s while it is copied is an error', async (_, length) => {
  const path = join(here, 'data');
  await writeFile(path, Buffer.alloc(800_000));
  const packing = packPath({ path, name: 'content', followLink: false, onSkipped: () => {} });
  await packing.next();
  await packing.next();
  await truncate(path, length);
  const rest = async (): Promise<void> => {
    for await (const piece of packing) expect(piece).toBeDefined();
  };
  await expect(rest()).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_CONFLICT' });
});

test.each(['in', 'out'])('cancelling a copy %s leaves nothing', async (direction) => {
  await writeFile(join(here, 'data'), '');
  await truncate(join(here, 'data'), 400_000_000);
  await writeFile(join(inside, within('big')), '');
  await truncate(join(inside, within('big')), 400_000_000);
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const copying =
    direction === 'in'
      ? copyIn(world.engine, id, { ...options, source: join(here, 'data'), destination: within('data') })
      : copyOut(world.engine, id, { ...options, source: within('big'), destination: join(here, 'big') });
  setTimeout(() => stop.abort(), 150);
  await expect(copying).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
  expect(await readdir(here)).toEqual(['data']);
  expect(await readdir(join(inside, `${count}`))).toEqual(['big']);
});
