import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { makeSessionWork } from './session-work.ts';

let directory: string;
let project: string;
let there: string;
const sessionId = 'taken';
const read = (path: string): Promise<string> => readFile(join(project, path), 'utf8');
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-apply-'));
  project = join(directory, 'project');
  there = join(directory, 'there');
  git(directory, 'init', '-q', '-b', 'main', project);
  await writeFile(join(project, 'file'), 'one\n');
  await writeFile(join(project, '.gitignore'), '.env\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'one');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('an ignored file that was carried comes back where only the session changed it, else beside', async () => {
  await writeFile(join(project, '.env'), 'secret=1\n');
  await makeSessionWork(project, { sessionId, there, script: 'echo secret=2 >.env', include: ['.env'] });
  expect(await applyWork({ directory: project }, sessionId)).toEqual({ changed: ['.env'], conflicts: [], skipped: [] });
  expect(await read('.env')).toBe('secret=2\n');
  await writeFile(join(project, '.env'), 'secret=3\n');
  const { conflicts } = await applyWork({ directory: project }, sessionId);
  expect(conflicts).toEqual([{ path: '.env', saved: '.env.recac-taken' }]);
  expect([await read('.env'), await read('.env.recac-taken')]).toEqual(['secret=3\n', 'secret=2\n']);
});
