import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, Environment, WorkspaceStrategy } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork, createGitWorkspace } from '../src/index.ts';
import { git } from './git-daemon.ts';

let directory: string;
let project: string;
let engine: ContainerEngine;
let environment: Environment;
let workspace: WorkspaceStrategy;
const sessionId = 'open';
const lines = (middle: string): string => `${'above\n'.repeat(8)}${middle}\n${'below\n'.repeat(8)}`;
const write = (path: string, text: string): Promise<void> => writeFile(join(project, path), text);
const read = (path: string): Promise<string> => readFile(join(project, path), 'utf8');
const inside = async (script: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await engine.exec(environment.id, ['sh', '-ec', script]);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
};
const apply = async (): ReturnType<typeof applyWork> => {
  await workspace.pull(environment);
  return applyWork({ directory: project }, sessionId);
};
const push = async (): Promise<readonly string[]> =>
  (await createGitWorkspace({ engine, path: project }).push(environment)).conflicts;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-open-'));
  project = join(directory, 'project');
  git(directory, 'init', '-q', '-b', 'main', project);
  for (const path of ['both', 'one', 'other']) await write(path, lines(path));
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'one');
  engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
  workspace = createGitWorkspace({ engine, path: project });
  environment = await engine.startEnvironment({ sessionId, workspace: await workspace.prepare() });
  await workspace.push(environment);
});
afterEach(async () => {
  for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

// No issue numbers: a review found these.
test('a conflict that apply left open is one for the next push and the next apply, and nothing of the session is overwritten', async () => {
  await inside('sed -i s/both/theirs/ both; sed -i s/one/theirs/ one');
  await write('both', lines('mine'));
  const open = [{ path: 'both', saved: 'both.recac-open' }];
  expect(await apply()).toEqual({ changed: ['one'], conflicts: open, skipped: [], pointers: [] });
  await write('one', lines('theirs, and mine'));
  expect((await apply()).conflicts).toMatchObject([{ path: 'both' }]);
  expect([await read('both'), await read('one')]).toEqual([lines('mine'), lines('theirs, and mine')]);
  expect(await push()).toEqual(['both']);
  expect(await inside('grep -h -e theirs -e mine both one')).toBe('theirs\ntheirs, and mine');
  expect((await apply()).conflicts).toMatchObject([{ path: 'both' }]);
});

test('many new files that are the same on both sides are none, and what is changed of them here later goes in', async () => {
  const names = Array.from({ length: 300 }, (_, number) => `new-${number}`);
  await inside('for i in $(seq 0 299); do echo same >new-$i; done; echo theirs >new-0');
  for (const name of names) await write(name, 'same\n');
  expect(await push()).toEqual(['new-0']);
  await write('new-1', 'mine\n');
  expect(await push()).toEqual(['new-0']);
  expect(await inside('cat new-0 new-1 new-2')).toBe('theirs\nmine\nsame');
});

test('work that came over before a conflict stays taken over', async () => {
  await inside('sed -i s/both/first/ both');
  expect((await apply()).conflicts).toEqual([]);
  await write('both', lines('first, and mine'));
  await inside('sed -i s/first/second/ both; sed -i s/one/theirs/ one');
  expect((await apply()).conflicts).toMatchObject([{ path: 'both' }]);
  expect(await push()).toEqual(['both']);
  expect(await inside('grep second both')).toBe('second');
});

test('what the session removed and this machine changed, or the other way round, is not taken over', async () => {
  await inside('rm both; sed -i s/one/theirs/ one');
  await write('both', lines('mine'));
  await rm(join(project, 'one'));
  expect((await apply()).conflicts.map(({ path }) => path)).toEqual(['both', 'one']);
  expect((await push()).toSorted()).toEqual(['both', 'one']);
  expect(await inside('ls; cat one')).toMatch(/^one\none.recac-open\nother\n.*theirs/s);
});

test('a file that was renamed here and conflicts keeps its name and changes there', async () => {
  await inside('sed -i s/both/theirs/ both');
  await rename(join(project, 'both'), join(project, 'new'));
  await write('new', lines('mine'));
  expect((await apply()).conflicts).toEqual([{ path: 'new', saved: 'new.recac-open' }]);
  expect(await push()).toEqual(['both']);
  expect(await inside('grep theirs both')).toBe('theirs');
});

test('a file that was renamed there and conflicts keeps its name and changes here', async () => {
  await inside('sed s/both/theirs/ both >new; rm both');
  await write('both', lines('mine'));
  expect((await apply()).conflicts).toEqual([{ path: 'new', saved: 'new.recac-open' }]);
  expect(await read('both')).toBe(lines('mine'));
  await push();
  expect(await inside('grep theirs new')).toBe('theirs');
});

test('a link that leads out of the workspace is not made here, and not taken over', async () => {
  await inside('rm one; ln -s /etc one');
  expect(await apply()).toEqual({ changed: [], conflicts: [], skipped: ['one'], pointers: [] });
  await write('one', lines('mine'));
  expect(await push()).toEqual(['one']);
  expect(await inside('readlink one')).toBe('/etc');
  expect(await readdir(project)).toEqual(['.git', 'both', 'one', 'other']);
});
