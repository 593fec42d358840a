import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkoutWork, mergeWork } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { goOn, makeSessionWork } from './session-work.ts';

let directory: string;
let project: string;
let there: string;
const sessionId = 'taken';
const read = (commit: string, path: string): string => git(project, 'show', `${commit}:${path}`);
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-take-'));
  project = join(directory, 'project');
  there = join(directory, 'there');
  git(directory, 'init', '-q', '-b', 'main', project);
  await writeFile(join(project, 'file'), 'one\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'one');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('commits that somebody made on the branch of a session are not thrown away', async () => {
  await makeSessionWork(project, { sessionId, there, script: 'echo two >file; git commit -qam two' });
  await checkoutWork({ directory: project }, sessionId);
  await writeFile(join(project, 'mine'), 'mine\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'mine');
  git(project, 'switch', '-q', 'main');
  await goOn(project, { sessionId, there, script: 'echo three >file; git commit -qam three' });
  for (const take of [mergeWork, checkoutWork])
    await expect(take({ directory: project }, sessionId)).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_CONFLICT',
      message: expect.stringMatching(/recac\/taken.*git branch -m recac\/taken/),
    });
  expect(read('recac/taken', 'mine')).toBe('mine');
  git(project, 'branch', '-m', 'recac/taken', 'mine');
  await mergeWork({ directory: project }, sessionId);
  expect(read('main', 'file')).toBe('three');
});

test('a branch that recac made moves on, and one that already is where it belongs is taken where it is', async () => {
  await makeSessionWork(project, { sessionId, there, script: 'echo two >file; git commit -qam two' });
  await checkoutWork({ directory: project }, sessionId);
  await checkoutWork({ directory: project }, sessionId);
  git(project, 'switch', '-q', 'main');
  await goOn(project, { sessionId, there, script: 'git commit -q --amend -m amended; echo three >file' });
  await mergeWork({ directory: project }, sessionId);
  expect(read('main', 'file')).toBe('three');
});

test('a branch that another working tree of the repository stands on is not moved', async () => {
  await makeSessionWork(project, { sessionId, there, script: 'echo two >file' });
  await checkoutWork({ directory: project }, sessionId);
  git(project, 'switch', '-q', 'main');
  const other = join(directory, 'other');
  git(project, 'worktree', 'add', '-q', other, 'recac/taken');
  await goOn(project, { sessionId, there, script: 'echo three >file' });
  await expect(mergeWork({ directory: project }, sessionId)).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_CONFLICT',
    message: expect.stringContaining(other),
  });
  expect(git(other, 'status', '--short')).toBe('');
});
