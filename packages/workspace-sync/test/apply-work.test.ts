import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { goOn, makeSessionWork } from './session-work.ts';

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
  expect(await applyWork({ directory: project }, sessionId)).toEqual({
    changed: ['.env'],
    conflicts: [],
    skipped: [],
    pointers: [],
  });
  expect(await read('.env')).toBe('secret=2\n');
  await writeFile(join(project, '.env'), 'secret=3\n');
  expect(await applyWork({ directory: project }, sessionId)).toMatchObject({ changed: [], conflicts: [] });
  await goOn(project, { sessionId, there, script: 'echo secret=4 >.env' });
  const { conflicts } = await applyWork({ directory: project }, sessionId);
  expect(conflicts).toEqual([{ path: '.env', saved: '.env.recac-taken' }]);
  expect([await read('.env'), await read('.env.recac-taken')]).toEqual(['secret=3\n', 'secret=4\n']);
});

test('a file here stays where the session made a directory, and what is in that lies beside', async () => {
  await makeSessionWork(project, { sessionId, there, script: 'mkdir notes; echo theirs >notes/x; echo two >file' });
  await writeFile(join(project, 'notes'), 'mine\n');
  const { changed, conflicts } = await applyWork({ directory: project }, sessionId);
  expect(conflicts).toEqual([{ path: 'notes/x', saved: 'notes.recac-taken/x' }]);
  expect(changed).toEqual(['file']);
  expect([await read('notes'), await read('notes.recac-taken/x')]).toEqual(['mine\n', 'theirs\n']);
  expect(git(project, 'status', '--short')).toBe('M file\n?? notes\n?? notes.recac-taken/');
});

test('a directory here stays where the session made a file, which lies beside', async () => {
  await makeSessionWork(project, { sessionId, there, script: 'echo theirs >notes' });
  await mkdir(join(project, 'notes'));
  await writeFile(join(project, 'notes/x'), 'mine\n');
  const { changed, conflicts } = await applyWork({ directory: project }, sessionId);
  expect([changed, conflicts]).toEqual([[], [{ path: 'notes', saved: 'notes.recac-taken' }]]);
  expect([await read('notes/x'), await read('notes.recac-taken')]).toEqual(['mine\n', 'theirs\n']);
});

test('what the session adds to a directory that was renamed here, or here to one that it renamed, stays where it is', async () => {
  await mkdir(join(project, 'old'));
  await writeFile(join(project, 'old/a'), 'a\n'.repeat(20));
  await makeSessionWork(project, { sessionId, there, script: 'echo theirs >old/f' });
  await rename(join(project, 'old'), join(project, 'new'));
  expect(await applyWork({ directory: project }, sessionId)).toEqual({
    changed: ['old/f'],
    conflicts: [],
    skipped: [],
    pointers: [],
  });
  expect([await read('old/f'), await read('new/a')]).toEqual(['theirs\n', 'a\n'.repeat(20)]);
});

test('both sides change a file that was renamed here: theirs lies beside it', async () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}\n`);
  await writeFile(join(project, 'old'), lines.join(''));
  await makeSessionWork(project, { sessionId, there, script: 'sed -i "s/line 5/theirs/" old' });
  await rm(join(project, 'old'));
  await writeFile(join(project, 'new'), lines.join('').replace('line 5', 'mine'));
  const { conflicts } = await applyWork({ directory: project }, sessionId);
  expect(conflicts).toEqual([{ path: 'new', saved: 'new.recac-taken' }]);
  expect(await read('new.recac-taken')).toBe(lines.join('').replace('line 5', 'theirs'));
  expect(await read('new')).toContain('mine');
});

test('a file that the session removed and this machine changed stays, and is said to be removed there', async () => {
  await makeSessionWork(project, { sessionId, there, script: 'rm file; mkdir file; echo x >file/x' });
  await writeFile(join(project, 'file'), 'mine\n');
  const { conflicts } = await applyWork({ directory: project }, sessionId);
  expect(conflicts).toEqual([{ path: 'file/x', saved: 'file.recac-taken/x' }, { path: 'file' }]);
  expect(await read('file')).toBe('mine\n');
});
