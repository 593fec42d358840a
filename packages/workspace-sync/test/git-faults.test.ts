import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, Environment } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork, checkoutWork, createGitWorkspace, findRepository, mergeWork } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { killClient } from './kill-client.ts';
import { mountOrSkip } from './mount-or-skip.ts';

let directory: string;
let project: string;
let engine: ContainerEngine;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-git-faults-'));
  project = join(directory, 'project');
  git(directory, 'init', '-q', '-b', 'main', project);
  await writeFile(join(project, 'file'), 'one\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'one');
  engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
});
afterEach(async () => {
  for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

const sessionId = 'git-faults';
const createWorkspace = () => createGitWorkspace({ engine, path: project });
const start = async (): Promise<Environment> =>
  engine.startEnvironment({ sessionId, workspace: await createWorkspace().prepare() });
const inside = async ({ id }: Environment, script: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await engine.exec(id, ['sh', '-ec', script]);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
};

test('after kill -9 in the middle of a push nothing of it is visible, and the next one is complete', async () => {
  await writeFile(join(project, 'large'), randomBytes(60 * 1_048_576));
  const environment = await start();
  const isBegun = async (): Promise<boolean> =>
    (await inside(environment, 'ls .git/objects/pack/tmp_pack_* 2>/dev/null || true')) !== '';
  await killClient(['push', join(directory, 'state'), project, 'git'], isBegun);
  const isOver = (): Promise<string> => inside(environment, 'ls; ls .git/objects/pack');
  await expect.poll(isOver, { timeout: 20_000 }).not.toMatch(/tmp_pack.*tmp_pack/s);
  expect(await createWorkspace().push(environment)).toMatchObject({ changed: 2, conflicts: [] });
  expect(await inside(environment, 'ls; git status --short; wc -c <large')).toBe(`file\nlarge\n${60 * 1_048_576}`);
}, 120_000);

test('a full disk here is said, and apply changes nothing', async (context) => {
  const small = join(directory, 'small');
  await mkdir(small);
  using _ = mountOrSkip(context, small, 'size=18m');
  git(small, 'clone', '-q', project, 'project');
  project = join(small, 'project');
  const environment = await start();
  const workspace = createWorkspace();
  await workspace.push(environment);
  await inside(environment, 'head -c 5000000 /dev/urandom >a; cp a b; cp a c; echo two >file');
  await workspace.pull(environment);
  await expect(applyWork({ directory: project }, sessionId)).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_GIT_FAILED',
  });
  expect(await readFile(join(project, 'file'), 'utf8')).toBe('one\n');
  expect(await readdir(project)).toEqual(['.git', 'file']);
  await inside(environment, 'rm b c');
  await workspace.pull(environment);
  expect((await applyWork({ directory: project }, sessionId)).changed).toEqual(['a', 'file']);
}, 60_000);

test('clients that push and pull one workspace at once take turns: nothing is lost, and nothing is a conflict', async () => {
  const environment = await start();
  const clients = [createWorkspace(), createWorkspace(), createWorkspace()];
  for (let round = 1; round <= 3; round += 1) {
    await writeFile(join(project, 'here'), `${round}\n`);
    await inside(environment, `echo ${round} >there`);
    const reports = await Promise.all(
      clients.flatMap((client) => [client.push(environment), client.pull(environment)]),
    );
    expect(reports.flatMap(({ conflicts }) => conflicts)).toEqual([]);
    expect(await inside(environment, 'cat here there')).toBe(`${round}\n${round}`);
    // The first push of all begins what came back anew, also where all pulls had their turn before it.
    if (round > 1) expect(git(project, 'show', `refs/recac/${sessionId}/work:there`)).toBe(`${round}`);
  }
});

test('an older pull that is slow does not take back what a later one brought', async () => {
  const environment = await start();
  await createWorkspace().push(environment);
  await inside(environment, 'echo first >made');
  const slow: ContainerEngine = Object.create(engine, {
    exec: {
      value: async (...call: Parameters<ContainerEngine['exec']>) => {
        const result = await engine.exec(...call);
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return result;
      },
    },
  });
  const older = createGitWorkspace({ engine: slow, path: project }).pull(environment);
  await new Promise((resolve) => setTimeout(resolve, 700));
  await inside(environment, 'echo second >made');
  await createWorkspace().harvest(environment);
  await older;
  expect(git(project, 'show', `refs/recac/${sessionId}/work:made`)).toBe('second');
});

test('a submodule goes in as its pointer, which is said; a repository that is none is refused before anything starts', async () => {
  const other = join(directory, 'other');
  git(directory, 'init', '-q', other);
  git(other, 'commit', '-q', '--allow-empty', '-m', 'other');
  git(project, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other, 'module');
  const environment = await start();
  const workspace = createWorkspace();
  expect((await workspace.push(environment)).skipped).toEqual(['module']);
  await inside(environment, 'echo two >file');
  await workspace.pull(environment);
  expect((await applyWork({ directory: project }, sessionId)).changed).toEqual(['file']);
  git(directory, 'clone', '-q', other, join(project, 'nested'));
  const refused = { code: 'RECAC_WORKSPACE_UNAVAILABLE', message: expect.stringContaining('nested') };
  await expect(createWorkspace().prepare()).rejects.toMatchObject(refused);
  await expect(workspace.push(environment)).rejects.toMatchObject(refused);
});

const inCarriageReturn = `printf '[submodule "x"]\\n\\tpath = "sub\\r"\\n\\turl = ../x\\n' >.gitmodules; ln -s .git/hooks "$(printf 'sub\\r')"; git add .; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; git commit -qm evil`;
const inOtherCase = `printf '[submodule "x"]\\n\\tpath = A/modules/x\\n\\turl = ../x\\n' >.gitmodules; ln -s .git a; mkdir -p A/hooks; printf '#!/bin/sh\\ntouch ../ran\\n' >A/hooks/post-checkout; chmod +x A/hooks/post-checkout; git add .; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),A/modules/x; git commit -qm evil`;
test.each([
  ['a submodule whose path ends in a carriage return (CVE-2025-48384)', inCarriageReturn],
  ['a link to .git and a directory of its name in another case (CVE-2024-32002)', inOtherCase],
])('%s writes nothing into .git and runs nothing', async (_, script) => {
  const environment = await start();
  const workspace = createWorkspace();
  await workspace.push(environment);
  await inside(environment, `git config user.name a; git config user.email b@localhost; ${script}`);
  await workspace.pull(environment).catch(() => {});
  const hooks = await readdir(join(project, '.git/hooks'));
  for (const take of [applyWork, mergeWork, checkoutWork])
    await take({ directory: project }, sessionId).catch((error: unknown) => {
      expect(error).toHaveProperty('code', expect.stringMatching(/^RECAC_/));
    });
  expect(await readdir(join(project, '.git/hooks'))).toEqual(hooks);
  expect(await readdir(join(project, '.git'))).not.toContain('modules');
  expect(await readdir(directory)).not.toContain('ran');
});

test('a link into .git that becomes a directory brings nothing into .git', async () => {
  const environment = await start();
  const workspace = createWorkspace();
  await workspace.push(environment);
  await inside(environment, 'ln -s .git/hooks link');
  await workspace.pull(environment);
  await applyWork({ directory: project }, sessionId);
  await inside(environment, 'rm link; mkdir link; echo evil >link/post-checkout');
  await workspace.pull(environment);
  await applyWork({ directory: project }, sessionId);
  expect(await readdir(join(project, '.git/hooks'))).not.toContain('post-checkout');
  expect(await readFile(join(project, 'link/post-checkout'), 'utf8')).toBe('evil\n');
});

test('files of a working tree that look like a repository are none, and a program that they name does not run', async () => {
  const bare = join(project, 'bare');
  git(project, 'init', '-q', '--bare', bare);
  git(bare, 'config', 'core.bare', 'false');
  git(bare, 'config', 'core.worktree', project);
  git(bare, 'config', 'core.fsmonitor', `touch '${join(directory, 'ran')}'`);
  expect(await findRepository(bare)).toBeUndefined();
  const environment = await start();
  await createWorkspace().push(environment);
  expect(await inside(environment, 'cat bare/HEAD')).toContain('refs/heads');
  expect(await readdir(directory)).not.toContain('ran');
});
