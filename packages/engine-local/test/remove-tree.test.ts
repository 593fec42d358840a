import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeTree } from '../src/remove-tree.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-remove-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('everything of a tree goes, whatever its names are, and nothing that its links lead to', async () => {
  const tree = join(directory, 'tree');
  await mkdir(join(directory, 'kept'));
  await writeFile(join(directory, 'kept/file'), '');
  await mkdir(join(tree, 'a/b/c'), { recursive: true });
  for (let index = 0; index < 200; index += 1) await writeFile(join(tree, `a/b/${index}`), '');
  await writeFile(Buffer.from(`${tree}/a/no text \xff\n`, 'latin1'), '');
  await symlink('../kept', join(tree, 'link'));
  await symlink('missing', join(tree, 'a/dangling'));
  await removeTree(tree);
  expect(existsSync(tree)).toBe(false);
  expect(existsSync(join(directory, 'kept/file'))).toBe(true);
});

test('a directory that is gone is no error', async () => {
  await expect(removeTree(join(directory, 'gone'))).resolves.toBeUndefined();
});
