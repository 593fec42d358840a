import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork, createGitWorkspace } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './workspace-world.ts';

let world: WorkspaceWorld;
let environment: Environment;
let workspace: ReturnType<typeof createGitWorkspace>;
beforeEach(async () => {
  world = await createWorkspaceWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const inside = async (script: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await world.engine.exec(environment.id, ['sh', '-ec', script]);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
};

async function begin(format: string, environmentVariables: Readonly<Record<string, string>>): Promise<void> {
  const { engine, project } = world;
  git(project, 'init', '-q', `--object-format=${format}`);
  await writeFile(join(project, 'file'), '1\n');
  workspace = createGitWorkspace({ engine, path: project });
  const mount = await workspace.prepare();
  environment = await engine.startEnvironment({ sessionId: 'settings', workspace: mount, environmentVariables });
  await workspace.push(environment);
}

test.each([
  ['color.ui=always'],
  ['diff.noprefix=true'],
  ['diff.mnemonicPrefix=true'],
  ['diff.context=0'],
  ['merge.verifySignatures=true'],
  ['apply.whitespace=error-all'],
])('a push after the session committed does not depend on its setting %s', async (setting) => {
  await begin('sha1', {});
  const [name = '', value = ''] = setting.split('=');
  await inside(`git config ${name} ${value}; mkdir below; echo theirs >theirs; git add theirs; git commit -qm theirs`);
  await writeFile(join(world.project, 'file'), '1 \n2\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: [] });
  expect(await inside('cat file theirs')).toBe('1 \n2\ntheirs');
});

test.each([
  ['sha256', {}],
  ['sha1', { GIT_DEFAULT_HASH: 'sha256' }],
])('a repository of %s goes in and comes back with %j there', async (format, variables) => {
  await begin(format, variables);
  await inside('echo theirs >theirs; git add theirs; git commit -qm theirs; echo more >more');
  expect(await workspace.harvest(environment)).toMatchObject({ commits: 1, changedFiles: 2 });
  expect((await applyWork({ directory: world.project }, 'settings')).changed).toEqual(['more', 'theirs']);
  await inside('rm -rf .git; echo again >more');
  await workspace.harvest(environment);
  await applyWork({ directory: world.project }, 'settings');
  expect(await readFile(join(world.project, 'more'), 'utf8')).toBe('again\n');
});

test('a file outside of a sparse checkout, here or there, goes in and comes back', async () => {
  await begin('sha1', {});
  await inside('git sparse-checkout set --no-cone "/*" "!/out/"; mkdir out; echo theirs >out/theirs');
  git(world.project, 'add', '.');
  git(world.project, 'commit', '-q', '-m', 'one');
  git(world.project, 'sparse-checkout', 'set', '--no-cone', '/*', '!/out/');
  await mkdir(join(world.project, 'out'));
  await writeFile(join(world.project, 'out/mine'), 'mine\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: [] });
  expect(await workspace.harvest(environment)).toMatchObject({ changedFiles: 1 });
  expect((await applyWork({ directory: world.project }, 'settings')).changed).toEqual(['out/theirs']);
});
