import { execFileSync } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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

test('a repository that git refuses is no plain directory: git says why', async () => {
  execFileSync('git', ['init', '-q'], { cwd: directory });
  const choose = () => selectWorkspaceStrategy({ strategy: 'auto', path: directory, toBasePath }, engine(true));
  if (process.getuid?.() === 0) {
    await chown(directory, 12_345, 12_345);
    await expect(choose()).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_GIT_FAILED',
      message: expect.stringMatching(/dubious ownership.*git config --global --add safe\.directory/),
    });
    await chown(directory, 0, 0);
  }
  await writeFile(join(directory, '.git/config'), '[broken\n');
  await expect(choose()).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_GIT_FAILED',
    message: expect.stringMatching(/bad config line 1/),
  });
});

test('a remote means git, whatever the directory is and whether there is a claim; with another strategy it is an error', async () => {
  const chosen = await selectWorkspaceStrategy(
    { strategy: 'auto', path: directory, toBasePath, remote: 'origin', claimName: 'work' },
    engine(false, true),
  );
  expect([chosen.strategy.name, chosen.reason]).toEqual(['git', 'workspace.remote names what to clone']);
  for (const strategy of ['upload', 'bind', 'none'] as const)
    await expect(
      selectWorkspaceStrategy({ strategy, path: directory, toBasePath, remote: 'origin' }, engine(true)),
    ).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT', message: expect.stringContaining('workspace.remote') });
  await expect(
    selectWorkspaceStrategy({ strategy: 'git', path: directory, toBasePath, branch: 'main' }, engine(true)),
  ).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT', message: expect.stringContaining('workspace.branch') });
});

test('what is asked for is what is taken', async () => {
  for (const name of ['bind', 'host-path', 'none', 'git', 'upload'] as const)
    expect((await select(name)).name).toBe(name);
});

test.each([
  ['bind', false, 'git, upload, none'],
  ['host-path', false, 'git, upload, none'],
  ['pvc', true, 'git, upload, bind, host-path, none'],
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

test('bind and host-path are one strategy under both names, with what auto takes to fall back on', async () => {
  for (const name of ['bind', 'host-path'] as const) {
    const chosen = await selectWorkspaceStrategy({ strategy: name, path: directory, toBasePath }, engine(true));
    expect(chosen.strategy.name).toBe(name);
    expect((await chosen.fallback?.())?.strategy.name).toBe('upload');
  }
});

test('auto never binds; where the cluster looks local it says what would', async () => {
  const localCluster = { name: 'kind', directories: 'some' };
  const choice = { strategy: 'auto', path: directory, toBasePath, localCluster } as const;
  const { strategy, reason, fallback } = await selectWorkspaceStrategy(choice, engine(true));
  expect([strategy.name, fallback]).toEqual(['upload', undefined]);
  expect(reason).toMatch(/this looks like kind: --sync host-path/);
});
