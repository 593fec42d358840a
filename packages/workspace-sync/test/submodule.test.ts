import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork, createGitWorkspace, mergeWork } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './workspace-world.ts';

let world: WorkspaceWorld;
let environment: Environment;
let workspace: ReturnType<typeof createGitWorkspace>;

const inside = async (script: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await world.engine.exec(environment.id, ['sh', '-ec', script]);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
};
const identity = '-c user.name=a -c user.email=b@localhost';
const initialize = 'git -c protocol.file.allow=always submodule --quiet update --init';

beforeEach(async () => {
  world = await createWorkspaceWorld();
  const { directory, project, engine } = world;
  const other = join(directory, 'other');
  git(directory, 'init', '-q', '-b', 'main', other);
  await writeFile(join(other, 'code'), 'one\n');
  await writeFile(join(other, '.gitignore'), '*.o\n');
  git(other, 'add', '.');
  git(other, 'commit', '-q', '-m', 'other');
  git(project, 'init', '-q', '-b', 'main');
  for (const name of ['module', 'with space'])
    git(project, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other, name);
  git(project, 'commit', '-q', '-m', 'one');
  workspace = createGitWorkspace({ engine, path: project });
  environment = await engine.startEnvironment({ sessionId: 'modules', workspace: await workspace.prepare() });
  await workspace.push(environment);
});
afterEach(() => world[Symbol.asyncDispose]());

test.each([
  ['a file where the submodule was not fetched', 'echo mine >module/made', 'module'],
  ['an edit', `${initialize}; echo two >>'with space/code'`, 'with space'],
  [
    'a file that git does not show by its configuration',
    `${initialize}; git -C module config status.showUntrackedFiles no; echo x >module/made`,
    'module',
  ],
  ['a commit', `${initialize}; cd module; git ${identity} commit -q --allow-empty -m two`, 'module'],
  [
    'a commit of a branch that is not checked out',
    `${initialize}; cd module; git switch -q -c x; git ${identity} commit -q --allow-empty -m two; git checkout -q --detach HEAD~1`,
    'module',
  ],
  ['a stash', `${initialize}; cd module; echo two >>code; git ${identity} stash -q`, 'module'],
  [
    'a commit that the pointer was set to',
    `${initialize}; git -C module ${identity} commit -q --allow-empty -m two; git ${identity} commit -qam two`,
    'module',
  ],
])('work inside of a submodule is not lost without a word: %s', async (_, script, path) => {
  await inside(`${script}`);
  const refused = {
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    message: expect.stringContaining('submodule'),
    details: { paths: [path] },
  };
  await expect(workspace.pull(environment)).rejects.toMatchObject(refused);
  // It stays so when the pointer came back before.
  await expect(workspace.harvest(environment)).rejects.toMatchObject(refused);
});

test('a commit in a submodule is not lost either where nobody knows any more what was sent', async () => {
  await inside(
    `${initialize}; git -C module ${identity} commit -q --allow-empty -m two; git ${identity} commit -qam two; git update-ref -d refs/recac/base`,
  );
  for (const name of git(world.project, 'for-each-ref', '--format=%(refname)', 'refs/recac').split('\n'))
    git(world.project, 'update-ref', '-d', name);
  await expect(
    createGitWorkspace({ engine: world.engine, path: world.project }).pull(environment),
  ).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE', details: { paths: ['module'] } });
});

test('a submodule that was only fetched, and what it ignores, holds nothing up', async () => {
  await inside(`${initialize}; echo built >module/code.o; echo two >file`);
  expect(await workspace.harvest(environment)).toMatchObject({ changedFiles: 1 });
});

test('a pointer is not applied, which is said, and merged', async () => {
  const { project, directory } = world;
  const other = join(directory, 'other');
  git(other, 'commit', '-q', '--allow-empty', '-m', 'later');
  await inside(
    `${initialize}; git -C module -c protocol.file.allow=always pull -q origin main; git ${identity} commit -qam later; git submodule --quiet deinit -f module; echo two >file`,
  );
  await workspace.harvest(environment);
  expect(await applyWork({ directory: project }, 'modules')).toMatchObject({ changed: ['file'], pointers: ['module'] });
  git(project, 'clean', '-qf', 'file');
  await mergeWork({ directory: project }, 'modules');
  expect(git(project, 'rev-parse', 'HEAD:module')).toBe(git(other, 'rev-parse', 'HEAD'));
});
