import { appendFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ContainerEngine, Environment, WorkspaceStrategy } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUploadWorkspace } from '../src/index.ts';

let directory: string;
let project: string;
let engine: ContainerEngine;
let environment: Environment;
let workspace: WorkspaceStrategy;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-upload-'));
  project = join(directory, 'project');
  await mkdir(project);
  engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
  environment = await engine.startEnvironment({ sessionId: 'upload' });
  workspace = create();
});
afterEach(async () => {
  await engine.stopEnvironment(environment.id);
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

const create = (): WorkspaceStrategy =>
  createUploadWorkspace({
    engine,
    path: project,
    toBasePath: () => join(directory, 'base'),
    ignoreFiles: ['.gitignore'],
  });

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), content);
  }
}

const inside = async (script: string): Promise<string> =>
  (await engine.exec(environment.id, ['sh', '-c', script])).stdout;
const here = (path: string): Promise<string> => readFile(join(project, path), 'utf8');

describe('what one side changed', () => {
  test('a change in a directory whose name is a pattern goes in', async () => {
    await write({ 'app/[id]/page': '1\n', 'app/a*b/page': '1\n' });
    await workspace.push(environment);
    await write({ 'app/[id]/page': '2\n', 'app/a*b/page': '2\n', 'app/[id]/deep/er': 'new\n' });
    await workspace.push(environment);
    expect(await inside('cat app/*/page app/*/deep/er')).toBe('2\n2\nnew\n');
  });

  test('on this machine is still sent after a pull came between', async () => {
    await write({ one: '1\n', other: '1\n' });
    await workspace.push(environment);
    await write({ one: '2\n' });
    await inside('echo 2 >other');
    await workspace.pull(environment);
    expect(await here('other')).toBe('2\n');
    await workspace.push(environment);
    expect(await inside('cat one')).toBe('2\n');
  });

  test('is found by another process, whatever was added to the base since', async () => {
    await write({ one: '1\n', other: '1\n' });
    await workspace.push(environment);
    await write({ one: '2\n', third: '3\n' });
    await workspace.push(environment);
    await inside('echo 4 >other');
    expect(await create().pull(environment)).toMatchObject({ changed: 1, conflicts: [] });
    expect(await create().push(environment)).toMatchObject({ changed: 0, removed: 0 });
    expect(await here('other')).toBe('4\n');
  });

  test('a base whose last change was cut off by kill -9 counts without it', async () => {
    await write({ one: '1\n' });
    await workspace.push(environment);
    await appendFile(join(directory, 'base'), Buffer.from([2, 100, 0, 0, 0, 1, 2, 3, 4, 5]));
    await write({ one: '2\n' });
    expect(await create().push(environment)).toMatchObject({ changed: 1 });
    expect(await create().push(environment)).toMatchObject({ changed: 0 });
  });
});

test('what both sides changed stays on both, also when the other way is tried next', async () => {
  await write({ both: '1\n', mine: '1\n' });
  await workspace.push(environment);
  await write({ both: 'here\n', mine: '2\n' });
  await inside('echo there >both');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: ['both'] });
  expect(await workspace.pull(environment)).toMatchObject({ conflicts: ['both'] });
  expect([await here('both'), await here('both.recac-upload'), await inside('cat both')]).toEqual([
    'here\n',
    'there\n',
    'there\n',
  ]);
});

test('a list of the workspace that is not whole removes nothing here, and says why', async () => {
  await write({ one: '1\n', 'a/two': '2\n' });
  await workspace.push(environment);
  const programs = join(directory, 'programs');
  await mkdir(programs);
  await writeFile(join(programs, 'stat'), '#!/bin/sh\nkill -9 $$\n', { mode: 0o755 });
  const path = process.env.PATH;
  process.env.PATH = `${programs}:${path}`;
  try {
    await using other = createLocalEngine({ stateDirectory: join(directory, 'state') });
    const options = { engine: other, path: project, toBasePath: () => join(directory, 'base') };
    await expect(createUploadWorkspace(options).pull(environment)).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_UNAVAILABLE',
      message: expect.stringMatching(/could not be listed \(.*(terminated by signal|was killed)/),
    });
  } finally {
    process.env.PATH = path;
  }
  expect([await here('one'), await here('a/two')]).toEqual(['1\n', '2\n']);
  expect(await workspace.pull(environment)).toMatchObject({ changed: 0, removed: 0 });
});

test('.git goes in where it is included, and nothing that happens to it comes back', async () => {
  await write({ text: '1\n', '.git/HEAD': 'ref: refs/heads/main\n', '.git/objects/one': 'x' });
  const included = createUploadWorkspace({
    engine,
    path: project,
    toBasePath: () => join(directory, 'other.json'),
    include: ['.git'],
  });
  await included.push(environment);
  expect(await inside('cat .git/HEAD; rm .git/objects/one; echo evil >.git/config; echo 2 >text')).toContain(
    'refs/heads',
  );
  expect(await included.pull(environment)).toMatchObject({ changed: 1, removed: 0, skipped: ['.git'] });
  expect([await here('text'), await here('.git/objects/one')]).toEqual(['2\n', 'x']);
  await expect(here('.git/config')).rejects.toThrow('ENOENT');
});

test('what is ignored from now on is left alone on both sides, and goes on where it was when it no longer is', async () => {
  await write({ 'data/mine': '1\n', 'data/deep/mine': '1\n', text: '1\n' });
  await workspace.push(environment);
  await inside('printf "data/\\n" >.gitignore; echo 2 >text');
  expect(await workspace.pull(environment)).toMatchObject({ changed: 2, removed: 0 });
  await inside('echo theirs >data/mine');
  expect(await workspace.pull(environment)).toMatchObject({ changed: 0, removed: 0 });
  expect(await workspace.push(environment)).toMatchObject({ changed: 0, removed: 0 });
  expect(await workspace.push(environment, { changedPaths: ['data', 'data/mine'] })).toMatchObject({ removed: 0 });
  expect([await here('data/mine'), await here('data/deep/mine'), await inside('cat data/mine data/deep/mine')]).toEqual(
    ['1\n', '1\n', 'theirs\n1\n'],
  );
  await write({ '.gitignore': '' });
  await rm(join(project, 'data/deep/mine'));
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, removed: 1, conflicts: [] });
  expect(await workspace.pull(environment)).toMatchObject({ changed: 1, removed: 0 });
  expect([await here('data/mine'), await inside('ls data/deep')]).toEqual(['theirs\n', '']);
});

describe('when the paths that changed are known', () => {
  const push = (...changedPaths: readonly string[]) => workspace.push(environment, { changedPaths });

  test('only they are looked at, with what is below and above them', async () => {
    await write({ one: '1\n', 'a/one': '1\n', 'a/gone': '1\n' });
    await workspace.push(environment);
    await write({ one: '2\n', 'a/one': '2\n', 'new/deep/file': 'x\n', ignored: 'x\n' });
    await rm(join(project, 'a/gone'));
    expect(await push('new/deep/file')).toMatchObject({ changed: 1, removed: 0 });
    expect(await push('a')).toMatchObject({ changed: 1, removed: 1 });
    expect(await inside('cat one a/one new/deep/file; ls a')).toBe('1\n2\nx\none\n');
    expect(await push()).toMatchObject({ changed: 0, bytes: 0 });
    expect(await workspace.push(environment)).toMatchObject({ changed: 2 });
  });

  test('an ignore file among them makes everything be looked at', async () => {
    await write({ one: '1\n' });
    await workspace.push(environment);
    await write({ '.gitignore': 'left-out\n', 'left-out': 'x\n', two: '2\n' });
    expect(await push('.gitignore')).toMatchObject({ changed: 2 });
    await write({ 'left-out': 'y\n' });
    expect(await push('left-out')).toMatchObject({ changed: 0, removed: 0 });
    expect(await inside('ls')).toBe('one\ntwo\n');
  });

  test('nothing is read through a link that took the place of a directory', async () => {
    await write({ 'a/one': '1\n', 'b/one': 'secret\n' });
    await workspace.push(environment);
    await rename(join(project, 'a'), join(directory, 'elsewhere'));
    await symlink('../elsewhere', join(project, 'a'));
    await push('a', 'a/one');
    expect(await inside('readlink a')).toBe('../elsewhere\n');
  });
});

describe('a first push into a workspace that holds something', () => {
  test('overwrites nothing: what the session made in an empty one meanwhile stays', async () => {
    expect(await workspace.push(environment)).toMatchObject({ changed: 0 });
    await inside('echo theirs >text; mkdir both; echo theirs >both/theirs');
    await write({ text: 'mine\n', 'both/mine': 'mine\n' });
    expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: ['text'] });
    expect(await inside('cat text both/*')).toBe('theirs\nmine\ntheirs\n');
    expect(await workspace.pull(environment)).toMatchObject({ changed: 1, conflicts: ['text'] });
    expect([await here('text'), await here('text.recac-upload')]).toEqual(['mine\n', 'theirs\n']);
  });

  test.each([0, 5_000_000])(
    'knows what is the same, also when this machine has forgotten what it sent: %i bytes',
    async (bytes) => {
      await write({
        large: 'x'.repeat(bytes),
        same: 'same\n',
        'deep/same': 'same\n',
        edited: 'before\n',
        'as long': '1\n',
      });
      await symlink('same', join(project, 'link'));
      await symlink('same', join(project, 'other link'));
      await workspace.push(environment);
      await inside('echo theirs >edited; echo 2 >"as long"; ln -sf deep "other link"; echo new >made');
      await rm(join(directory, 'base'));
      await write({ fresh: 'fresh\n' });
      const again = create();
      const { conflicts, ...report } = await again.push(environment);
      expect(report).toMatchObject({ changed: 1, removed: 0 });
      expect(conflicts.toSorted()).toEqual(['as long', 'edited', 'other link']);
      expect(await inside('cat edited "as long" fresh; readlink "other link"')).toBe('theirs\n2\nfresh\ndeep\n');
      await write({ same: 'later\n' });
      await inside('echo later >deep/same');
      expect(await again.push(environment)).toMatchObject({ changed: 1 });
      expect(await again.pull(environment)).toMatchObject({ changed: 2, removed: 0 });
      expect([await inside('cat same'), await here('deep/same'), await here('made')]).toEqual([
        'later\n',
        'later\n',
        'new\n',
      ]);
    },
  );
});
