import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEngine } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createUploadWorkspace } from '../src/index.ts';
import { killClient } from './kill-client.ts';

const mebibyte = 1_048_576;
const files = 100;

let directory: string;
let project: string;
let engine: ContainerEngine;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-resume-'));
  project = join(directory, 'project');
  await mkdir(join(project, 'data'), { recursive: true });
  for (let index = 0; index < files; index += 1)
    await writeFile(join(project, 'data', `file-${index}`), Buffer.alloc(2 * mebibyte, `${index} `));
  engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
});
afterEach(async () => {
  for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

const createWorkspace = () =>
  createUploadWorkspace({ engine, path: project, toBasePath: () => join(directory, 'base') });

const killPushAt = (count: number, list: () => Promise<readonly string[]>): Promise<void> =>
  killClient(
    ['push', join(directory, 'state'), project, join(directory, 'base')],
    async () => (await list()).length > count,
  );

test('a push after one that was killed in the middle sends what was missing, and only that', async () => {
  const { id, ...environment } = await engine.startEnvironment({ sessionId: 'resume' });
  const inside = async (script: string) => (await engine.exec(id, ['sh', '-c', script])).stdout;
  const stage = async () => (await inside('ls .recac-stage-*/content/data 2>/dev/null')).split('\n');
  await killPushAt(files / 2, stage);
  await expect
    .poll(() => inside('for p in $(cat .recac-stage-*/receiver); do kill -0 "$p" && echo there; done 2>/dev/null'), {
      timeout: 30_000,
    })
    .toBe('');
  const arrived = (await stage()).length - 1;
  expect(arrived).toBeGreaterThan(files / 2 - 1);
  expect(await inside('ls')).toBe('');
  await writeFile(join(project, 'data', 'file-0'), 'changed meanwhile\n');
  await rm(join(project, 'data', 'file-1'));
  const { bytes, changed } = await createWorkspace().push({ id, ...environment });
  expect(changed).toBe(files - 1);
  expect(bytes / mebibyte).toBeLessThan(2 * (files - arrived) + 4);
  expect(await inside('ls -A; ls data | wc -l; cat data/file-0; cat data/* | wc -c')).toBe(
    `data\n${files - 1}\nchanged meanwhile\n${2 * mebibyte * (files - 2) + 18}\n`,
  );
  for (const index of [2, files / 2, files - 1])
    expect(await inside(`tail -c 10 data/file-${index}`)).toBe(
      Buffer.alloc(2 * mebibyte, `${index} `)
        .toString()
        .slice(-10),
    );
  expect(await createWorkspace().push({ id, ...environment })).toMatchObject({ changed: 0, bytes: 0 });
  expect((await readdir(directory)).filter((name) => name.startsWith('base'))).toEqual(['base']);
}, 120_000);

test('what a push left that was killed is removed when the work is brought back for good', async () => {
  const { id, ...environment } = await engine.startEnvironment({ sessionId: 'resume' });
  const inside = async (script: string) => (await engine.exec(id, ['sh', '-c', script])).stdout;
  await killPushAt(2, async () => (await inside('ls .recac-stage-*/content/data 2>/dev/null')).split('\n'));
  await createWorkspace().harvest({ id, ...environment });
  await expect.poll(() => inside('ls -A'), { timeout: 30_000 }).toBe('');
  expect((await readdir(directory)).filter((name) => name.startsWith('base') && !name.endsWith('turn'))).toEqual([]);
}, 120_000);
