import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ContainerEngine } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createUploadWorkspace } from '../src/index.ts';

let directory: string;
let project: string;
let engine: ContainerEngine;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-faults-'));
  project = join(directory, 'project');
  await mkdir(project);
  engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
});
afterEach(async () => {
  for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

const createWorkspace = (path = project) =>
  createUploadWorkspace({ engine, path, toBasePath: () => join(directory, 'base') });
const start = () => engine.startEnvironment({ sessionId: 'faults' });
const mebibyte = 1_048_576;

/** A process that pushes or pulls, killed in the middle. */
async function killInTheMiddle(direction: 'push' | 'pull', afterMs: number): Promise<void> {
  const program = fileURLToPath(new URL('move-and-wait.ts', import.meta.url));
  const words = [
    '--conditions=@recac/source',
    program,
    direction,
    join(directory, 'state'),
    project,
    join(directory, 'base'),
  ];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await pause(afterMs);
  child.kill('SIGKILL');
  await once(child, 'close');
}

test('after kill -9 in the middle of a push nothing of it is visible, and the next one is complete', async () => {
  const content = Buffer.alloc(200 * mebibyte, 'abcdefghij');
  await writeFile(join(project, 'large'), content);
  await writeFile(join(project, 'small'), 'small\n');
  const { id, ...environment } = await start();
  await killInTheMiddle('push', 150);
  const list = async () => (await engine.exec(id, ['ls'])).stdout;
  await expect.poll(list, { timeout: 20_000 }).toBe('');
  await createWorkspace().push({ id, ...environment });
  expect((await engine.exec(id, ['sh', '-c', 'ls -A; wc -c <large; tail -c 10 large'])).stdout).toBe(
    `large\nsmall\n${content.length}\nabcdefghij`,
  );
}, 120_000);

test('after kill -9 in the middle of a pull the project is as it was but for our own directory, and the next one is complete', async () => {
  await writeFile(join(project, 'small'), 'small\n');
  const environment = await start();
  await createWorkspace().push(environment);
  await engine.exec(environment.id, ['sh', '-c', `head -c ${200 * mebibyte} /dev/zero >large; echo changed >small`]);
  await killInTheMiddle('pull', 150);
  expect([
    await readFile(join(project, 'small'), 'utf8'),
    await stat(join(project, 'large')).catch(() => 'none'),
  ]).toEqual(['small\n', 'none']);
  const report = await createWorkspace().pull(environment);
  expect(report).toMatchObject({ changed: 2, conflicts: [] });
  expect((await stat(join(project, 'large'))).size).toBe(200 * mebibyte);
  expect((await readdir(project)).toSorted()).toEqual(['large', 'small']);
}, 120_000);

test.runIf(process.getuid?.() === 0)(
  'a full disk, there or here, is said, changes nothing, and costs nothing of the work',
  async () => {
    const small = join(directory, 'small-disk');
    await mkdir(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]);
    try {
      await mkdir(join(small, 'project'));
      const environment = await start();
      const workspace = createWorkspace(join(small, 'project'));
      await writeFile(join(small, 'project/text'), 'text\n');
      await workspace.push(environment);
      await engine.exec(environment.id, ['sh', '-c', `head -c ${8 * mebibyte} /dev/zero >large; echo more >>text`]);
      await expect(workspace.pull(environment)).rejects.toMatchObject({
        code: 'RECAC_PERMISSION_DENIED',
        message: expect.stringContaining('ENOSPC'),
      });
      expect(await readFile(join(small, 'project/text'), 'utf8')).toBe('text\n');
      await engine.exec(environment.id, ['rm', 'large']);
      expect((await workspace.pull(environment)).changed).toBe(1);
      expect(await readFile(join(small, 'project/text'), 'utf8')).toBe('text\nmore\n');
    } finally {
      execFileSync('umount', [small]);
    }
  },
  60_000,
);

test('a file that grows while it is read goes in as it was at some time, and the next push brings the rest', async () => {
  const growing = createWriteStream(join(project, 'growing'));
  growing.write(Buffer.alloc(mebibyte, 'x'));
  const timer = setInterval(() => growing.write(Buffer.alloc(100_000, 'x')), 2);
  const environment = await start();
  const workspace = createWorkspace();
  await pause(50);
  await workspace.push(environment);
  clearInterval(timer);
  growing.end();
  await once(growing, 'close');
  await workspace.push(environment);
  const { stdout } = await engine.exec(environment.id, ['sh', '-c', 'wc -c <growing']);
  expect(Number(stdout)).toBe((await stat(join(project, 'growing'))).size);
});

test('names that are no text are carried byte for byte', async () => {
  await writeFile(Buffer.concat([Buffer.from(`${project}/`), Buffer.from([0xff, 0x0a, 0x2d])]), 'bytes\n');
  const environment = await start();
  await createWorkspace().push(environment);
  const { stdoutData } = await engine.exec(environment.id, ['ls', '-A']);
  expect(Buffer.from(stdoutData)).toEqual(Buffer.from([0xff, 0x0a, 0x2d, 0x0a]));
});
