import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine, WorkspaceStrategyName } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { selectWorkspaceStrategy } from '../src/index.ts';

const engine = (bindMount: boolean, persistentVolumeClaimMount = false) =>
  ({ backend: 'some', capabilities: { bindMount, persistentVolumeClaimMount } }) as unknown as ContainerEngine;
const toBasePath = () => 'unused';
const select = async (strategy: WorkspaceStrategyName, path = directory, bindMount = true) =>
  (await selectWorkspaceStrategy({ strategy, path, toBasePath }, engine(bindMount))).strategy;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-workspace-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('auto is git at the top of a repository, else upload, and says why', async () => {
  const choose = (path: string) => selectWorkspaceStrategy({ strategy: 'auto', path, toBasePath }, engine(true));
  const plain = await choose(directory);
  expect([plain.strategy.name, plain.reason]).toEqual(['upload', 'the directory is not the top of a git repository']);
  execFileSync('git', ['init', '-q'], { cwd: directory });
  const repository = await choose(directory);
  expect([repository.strategy.name, repository.reason]).toEqual(['git', 'the directory is a git repository']);
  await mkdir(join(directory, 'inside'));
  expect((await choose(join(directory, 'inside'))).strategy.name).toBe('upload');
});

test('what is asked for is what is taken', async () => {
  for (const name of ['bind', 'none', 'git', 'upload'] as const) expect((await select(name)).name).toBe(name);
});

test.each([
  ['bind', false, 'git, upload, none'],
  ['pvc', true, 'git, upload, bind, none'],
  ['host-path', true, 'git, upload, bind, none'],
] as const)('%s with bindMount %s names what there is', async (strategy, bindMount, available) => {
  await expect(select(strategy, directory, bindMount)).rejects.toMatchObject({
    code: 'RECAC_CAPABILITY_UNSUPPORTED',
    message: expect.stringContaining(available),
  });
});

test('pvc is a claim by its name, auto where there is one', async () => {
  const cluster = engine(false, true);
  const { strategy } = await selectWorkspaceStrategy(
    { strategy: 'auto', path: '.', toBasePath, claimName: 'work' },
    cluster,
  );
  expect(await strategy.prepare()).toEqual({ type: 'persistentVolumeClaim', claimName: 'work' });
  await expect(selectWorkspaceStrategy({ strategy: 'pvc', path: '.', toBasePath }, cluster)).rejects.toThrow(
    /pvc_name/,
  );
});

test('bind resolves links and refuses what is no project', async () => {
  await mkdir(join(directory, 'real'));
  await writeFile(join(directory, 'file'), '');
  await symlink('real', join(directory, 'link'));
  await symlink('loop', join(directory, 'loop'));
  const prepare = async (path: string) => (await select('bind', path)).prepare();
  expect(await prepare(join(directory, 'link'))).toMatchObject({
    type: 'bind',
    hostPath: expect.stringMatching(/real$/),
  });
  for (const path of [
    '/',
    homedir(),
    join(directory, 'file'),
    join(directory, 'loop'),
    join(directory, 'missing'),
    '',
  ]) {
    if (path === '') continue;
    await expect(prepare(path)).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE', details: { path } });
  }
});
