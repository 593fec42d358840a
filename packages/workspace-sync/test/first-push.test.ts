import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork, createGitWorkspace } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './workspace-world.ts';

let world: WorkspaceWorld;
let environment: Environment;
const base = 'refs/recac/first-push/base';
const createWorkspace = () => createGitWorkspace({ engine: world.engine, path: world.project });
const inside = async (script: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await world.engine.exec(environment.id, ['sh', '-ec', script]);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
};
const write = (path: string, text: string): Promise<void> => writeFile(join(world.project, path), text);

beforeEach(async () => {
  world = await createWorkspaceWorld();
  git(world.project, 'init', '-q');
  await write('file', 'first\n');
  await write('other', 'other\n');
  await write('.gitignore', '*.log\n');
  environment = await world.engine.startEnvironment({
    sessionId: 'first-push',
    workspace: await createWorkspace().prepare(),
  });
});
afterEach(() => world[Symbol.asyncDispose]());

test('a repository that knows nothing of the session overwrites none of its work', async () => {
  await createWorkspace().push(environment);
  await inside('echo agent >file; echo staged >new; git add new; git commit -qm agent; echo more >>new');
  for (const line of git(world.project, 'for-each-ref', '--format=%(refname)', 'refs/recac').split('\n'))
    git(world.project, 'update-ref', '-d', line);
  git(world.project, 'reflog', 'expire', '--expire=now', '--all');
  git(world.project, 'prune', '--expire=now');
  await write('file', 'here\n');
  const before = await inside('git status --short; git log --oneline; cat file new');
  await expect(createWorkspace().push(environment)).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_CONFLICT',
    message: expect.stringMatching(/recac pull first-push.*another name/),
  });
  expect(await inside('git status --short; git log --oneline; cat file new')).toBe(before);
});

test('a push that was cut after the environment had taken it is gone on from', async () => {
  const sent = createWorkspace();
  await sent.push(environment);
  const known = git(world.project, 'rev-parse', base);
  await write('other', 'second\n');
  await sent.push(environment);
  git(world.project, 'update-ref', base, known);
  await inside('echo agent >file');
  await write('other', 'third\n');
  expect(await createWorkspace().push(environment)).toMatchObject({ changed: 1, conflicts: [] });
  expect(await inside('cat file other; git log --oneline | wc -l')).toBe('agent\nthird\n3');
});

test('a first push that was cut after the environment had taken it is gone on from', async () => {
  await createWorkspace().push(environment);
  for (const name of ['origin', 'start', 'base', 'head', 'work'])
    git(world.project, 'update-ref', '-d', `refs/recac/first-push/${name}`);
  await inside('echo agent >file');
  await write('other', 'second\n');
  const again = createWorkspace();
  expect(await again.push(environment)).toMatchObject({ changed: 1, conflicts: [] });
  expect(await inside('cat file other')).toBe('agent\nsecond');
  expect(await again.harvest(environment)).toMatchObject({ changedFiles: 1 });
});

test('a first push that was cut while files were put there begins anew', async () => {
  await createWorkspace().push(environment);
  await inside('echo nothing >.git/recac-begun; git update-ref -d refs/recac/base; echo half >file; rm other');
  for (const name of ['origin', 'start', 'base', 'head', 'work'])
    git(world.project, 'update-ref', '-d', `refs/recac/first-push/${name}`);
  await createWorkspace().push(environment);
  expect(await inside('cat file other; git status --short; ls .git/recac-begun || true')).toBe('first\nother');
});

test.each(['rm -rf .git', 'rm -rf .git; git init -q; git add .; git -c user.name=a -c user.email=b commit -qm mine'])(
  'work of a session that did %s stays, is named, and is not taken for a change here',
  async (script) => {
    await createWorkspace().push(environment);
    await inside(`echo agent >file; echo new >new; ${script}`);
    await write('other', 'here\n');
    await write('added', 'added\n');
    const workspace = createWorkspace();
    const { conflicts } = await workspace.push(environment);
    expect(conflicts.toSorted()).toEqual(['file', 'other']);
    expect(await inside('cat file other new added')).toBe('agent\nother\nnew\nadded');
    await workspace.pull(environment);
    const applied = await applyWork({ directory: world.project }, 'first-push');
    expect(applied.changed).toEqual(['new']);
    expect(applied.conflicts.map(({ path }) => path).toSorted()).toEqual(['file', 'other']);
    expect(await readFile(join(world.project, 'other'), 'utf8')).toBe('here\n');
  },
);

test('what the workspace of an image holds stays: the same counts as sent, the rest as changed on both sides', async () => {
  await inside('echo first >file; mkdir other; echo x >other/x; echo log >a.log; ln -s nowhere link');
  await write('link', 'no link\n');
  const workspace = createWorkspace();
  const { conflicts } = await workspace.push(environment);
  expect(conflicts.toSorted()).toEqual(['link', 'other']);
  expect(await inside('cat file other/x a.log; readlink link; git status --short')).toBe(
    'first\nx\nlog\nnowhere\n?? link\n?? other/',
  );
  await write('file', 'second\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1 });
  expect(await inside('cat file')).toBe('second');
});

test('a file that git ignores in the environment is not overwritten by one of the same name', async () => {
  const workspace = createWorkspace();
  await workspace.push(environment);
  await inside('echo theirs >a.log');
  await write('.gitignore', '');
  await write('a.log', 'mine\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: ['a.log'] });
  expect(await inside('cat a.log')).toBe('theirs');
});

test('what was applied here is no conflict of the next push, also where it was changed further', async () => {
  for (const script of [':', 'git commit -qam agent']) {
    const workspace = createWorkspace();
    await workspace.push(environment);
    await inside(`echo "agent $$" >file; echo "agent $$" >other; ${script}`);
    await workspace.pull(environment);
    await applyWork({ directory: world.project }, 'first-push');
    await write('other', `changed further ${script}\n`);
    expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: [] });
    expect(await inside('cat other')).toBe(`changed further ${script}`);
    expect(await inside('git diff --name-only')).toBe(script === ':' ? '' : 'other');
    await workspace.pull(environment);
    expect(await applyWork({ directory: world.project }, 'first-push')).toMatchObject({ changed: [], conflicts: [] });
  }
});
