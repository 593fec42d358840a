import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listConfigSettings } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sensitiveSettings } from '../src/config/sensitive-settings.ts';
import { isTrusted, trustFile } from '../src/config/trust.ts';
import type { UserSurroundings } from '../src/config/user-config-directory.ts';

let directory: string;
let user: UserSurroundings;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-trust-'));
  user = { environment: {}, homeDirectory: directory };
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test('a file is trusted as it is, under the real path of its directory, until it changes', async () => {
  const file = join(directory, 'recac.yaml');
  await writeFile(file, 'runner: {}\n');
  expect(await isTrusted(file, user)).toBe(false);
  await symlink(directory, join(directory, 'link'));
  const real = await trustFile(join(directory, 'link', 'recac.yaml'), user);
  expect(await isTrusted(file, user)).toBe(true);
  expect(await isTrusted(join(directory, 'link', 'recac.yaml'), user)).toBe(true);
  const [entry = ''] = await readdir(join(directory, '.config', 'recac', 'trusted'));
  expect(await readFile(join(directory, '.config', 'recac', 'trusted', entry), 'utf8')).toBe(`${real}\n`);
  expect((await stat(join(directory, '.config', 'recac', 'trusted'))).mode & 0o777).toBe(0o700);
  await writeFile(file, 'runner: {} \n');
  expect(await isTrusted(file, user)).toBe(false);
});

// No issue number: a review found that a clone could hold such a link.
test('a link to a trusted file inherits no trust, and can be trusted itself while the file stays the same', async () => {
  const file = join(directory, 'recac.yaml');
  await writeFile(file, 'runner: {}\n');
  await trustFile(file, user);
  await mkdir(join(directory, 'clone'));
  const link = join(directory, 'clone', 'recac.yaml');
  await symlink('../recac.yaml', link);
  expect(await isTrusted(link, user)).toBe(false);
  await trustFile(link, user);
  expect(await isTrusted(link, user)).toBe(true);
  await writeFile(file, 'runner: {} \n');
  expect(await isTrusted(link, user)).toBe(false);
});

test('a file that is not there is neither trusted nor can be', async () => {
  expect(await isTrusted(join(directory, 'none'), user)).toBe(false);
  await expect(trustFile(join(directory, 'none'), user)).rejects.toMatchObject({ code: 'RECAC_CONFIG_INVALID' });
});

test('every sensitive setting is a setting of the schema', () => {
  const paths = listConfigSettings().map(({ path }) => path);
  expect(sensitiveSettings.filter(({ path }) => !paths.includes(path))).toEqual([]);
});
