import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineCapabilities, WorkspaceStrategyName } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { selectWorkspaceStrategy } from '../src/index.ts';

const engine = (bindMount: boolean) => ({ backend: 'some', capabilities: { bindMount } as EngineCapabilities });
const select = (strategy: WorkspaceStrategyName, bindMount = true) =>
  selectWorkspaceStrategy({ strategy, path: '.' }, engine(bindMount)).name;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-workspace-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('auto is bind where the engine can', () => {
  expect([select('auto'), select('bind'), select('none'), select('none', false)]).toEqual([
    'bind',
    'bind',
    'none',
    'none',
  ]);
});

test.each([
  ['auto', false, 'none'],
  ['bind', false, 'none'],
  ['git', true, 'bind, none'],
  ['pvc', true, 'bind, none'],
] as const)('%s with bindMount %s names what there is', (strategy, bindMount, available) => {
  expect(() => select(strategy, bindMount)).toThrow(
    expect.objectContaining({ code: 'RECAC_CAPABILITY_UNSUPPORTED', message: expect.stringContaining(available) }),
  );
});

test('pvc is a claim by its name, auto where there is one, and a directory for each session', async () => {
  const capabilities = { bindMount: false, persistentVolumeClaimMount: true } as EngineCapabilities;
  const cluster = { backend: 'kubernetes', capabilities };
  const strategy = selectWorkspaceStrategy({ strategy: 'auto', path: '.', claimName: 'work' }, cluster);
  expect(await strategy.prepare()).toEqual({ type: 'persistentVolumeClaim', claimName: 'work' });
  expect(() => selectWorkspaceStrategy({ strategy: 'pvc', path: '.' }, cluster)).toThrow(/pvc_name/);
});

test('bind resolves links and refuses what is no project', async () => {
  await mkdir(join(directory, 'real'));
  await writeFile(join(directory, 'file'), '');
  await symlink('real', join(directory, 'link'));
  await symlink('loop', join(directory, 'loop'));
  const prepare = (path: string) => selectWorkspaceStrategy({ strategy: 'bind', path }, engine(true)).prepare();
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
