import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listFoundOtherwise } from '../src/git/found-otherwise.ts';
import { applyWork } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { makeSessionWork } from './session-work.ts';

let directory: string;
let project: string;
let there: string;
const sessionId = 'found';
const read = (path: string): Promise<string> => readFile(join(project, path), 'utf8');
const write = (path: string | Buffer, text: string): Promise<void> => writeFile(path, text);
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-found-'));
  project = join(directory, 'project');
  there = join(directory, 'there');
  git(directory, 'init', '-q', '-b', 'main', project);
  await mkdir(join(project, 'out'));
  for (const path of ['file', 'mine', 'out/file', 'out/gone']) await write(join(project, path), 'one\n');
  await write(join(project, '.gitignore'), '*.log\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'one');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('what lies outside of a sparse checkout holds up nothing else', async () => {
  git(project, 'sparse-checkout', 'set', '--no-cone', '/*', '!/out/');
  expect(existsSync(join(project, 'out'))).toBe(false);
  const script = 'echo two >file; echo two >out/file; rm out/gone; echo new >out/new';
  await makeSessionWork(project, { sessionId, there, script });
  for (const changed of [['file', 'out/new'], []])
    expect(await applyWork({ directory: project }, sessionId)).toMatchObject({
      changed,
      conflicts: [{ path: 'out/file', saved: 'out/file.recac-found' }, { path: 'out/gone' }],
    });
  expect([await read('file'), await read('out/file.recac-found')]).toEqual(['two\n', 'two\n']);
});

test.each(['assume-unchanged', 'skip-worktree'])(
  'what was changed here behind %s stays, and holds up nothing else',
  async (bit) => {
    await makeSessionWork(project, { sessionId, there, script: 'echo two >file; echo theirs >mine' });
    git(project, 'update-index', `--${bit}`, 'mine');
    await write(join(project, 'mine'), 'mine\n');
    expect(await applyWork({ directory: project }, sessionId)).toMatchObject({
      changed: ['file'],
      conflicts: [{ path: 'mine', saved: 'mine.recac-found' }],
    });
    expect([await read('mine'), await read('mine.recac-found')]).toEqual(['mine\n', 'theirs\n']);
  },
);

test('an ignored file here whose name is no text stays, and holds up nothing else', async () => {
  const name = Buffer.concat([Buffer.from(`${project}/`), Buffer.from([0xe4]), Buffer.from('.log')]);
  await write(name, 'mine\n');
  const script = `echo two >file; n=$(printf '\\344.log'); echo theirs >"$n"; git add -f "$n"; git commit -qm x`;
  await makeSessionWork(project, { sessionId, there, script });
  expect(await applyWork({ directory: project }, sessionId)).toMatchObject({
    changed: ['file'],
    conflicts: [{ path: '\ufffd.log', saved: '\ufffd.log.recac-found' }],
  });
  expect(await readFile(name, 'utf8')).toBe('mine\n');
});

test('a name that differs by its case only is the file that goes where both are the same', async () => {
  await link(join(project, 'file'), join(project, 'FILE'));
  await link(join(project, 'mine'), join(project, 'other'));
  const [oldObject, nothing] = [git(project, 'rev-parse', ':file'), '0'.repeat(40)];
  const gone = { oldMode: '100644', newMode: '000000', oldObject, newObject: nothing };
  const added = { oldMode: '000000', newMode: '100644', oldObject: nothing, newObject: oldObject };
  const changes = [
    { path: 'file', ...gone },
    { path: 'mine', ...gone },
    { path: 'FILE', ...added },
    { path: 'other', ...added },
  ];
  const found = await listFoundOtherwise({ directory: project }, changes);
  expect(found.map(({ path }) => path)).toEqual(['other']);
});
