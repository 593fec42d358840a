import { lstat, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork, checkoutWork, mergeWork, readDifference } from '../src/index.ts';
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

test.each([
  [
    'rewrote its first commit',
    'echo two >file; git commit -qa --amend -m two; echo three >more; git add more; git commit -qm three',
  ],
  [
    'made the repository anew',
    'rm -rf .git; git init -q; echo two >file; echo three >more; git add .; git -c user.name=a -c user.email=b commit -qm two',
  ],
])('a session that %s has a branch with the history of this machine, which can be merged', async (_, script) => {
  await makeSessionWork(project, { sessionId, there, script });
  await writeFile(join(project, 'mine'), 'mine\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'mine');
  const before = git(project, 'rev-parse', 'main');
  await mergeWork({ directory: project }, sessionId);
  expect([read('main', 'file'), read('main', 'more'), read('main', 'mine')]).toEqual(['two', 'three', 'mine']);
  expect(git(project, 'merge-base', 'recac/taken', before)).toBe(git(project, 'rev-parse', `${before}^`));
  expect(git(project, 'rev-list', '--max-parents=0', 'main').split('\n')).toHaveLength(1);
});

test('a history without relation that a session merged keeps its own beginning', async () => {
  const script = `git checkout -q --orphan other; git rm -rqf .; echo x >x; git add x; git commit -qm other; git switch -q recac/taken; git merge -q --allow-unrelated-histories -m both other`;
  await makeSessionWork(project, { sessionId, there, script });
  await mergeWork({ directory: project }, sessionId);
  expect([read('main', 'x'), read('main', 'file')]).toEqual(['x', 'one']);
  expect(git(project, 'rev-list', '--max-parents=0', 'main').split('\n')).toHaveLength(2);
});

test.each([
  ['by what is there now', '*.bin filter=up\n'],
  ['by what was there then', ''],
])('no file that a filter of git changes %s is written as git stores it', async (_, now) => {
  git(project, 'config', 'filter.up.clean', 'tr a-z A-Z');
  git(project, 'config', 'filter.up.smudge', 'tr A-Z a-z');
  const commit = async (text: string, attributes: string): Promise<void> => {
    await writeFile(join(project, '.gitattributes'), attributes);
    await writeFile(join(project, 'one.bin'), text);
    git(project, 'add', '.');
    git(project, 'commit', '-q', '-m', text.trim());
  };
  await commit('content\n', '*.bin filter=up\n');
  // git looks into files of the second in which it wrote its index.
  await delay(1_100);
  git(project, 'update-index', '-q', '--refresh');
  await makeSessionWork(project, { sessionId, there, script: 'echo two >file' });
  await commit('later\n', now);
  await expect(checkoutWork({ directory: project }, sessionId)).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_CONFLICT',
    message: expect.stringMatching(/one\.bin.*git switch recac\/taken/),
    details: { paths: ['one.bin'] },
  });
  expect([git(project, 'branch', '--show-current'), git(project, 'status', '--short')]).toEqual(['main', '']);
  git(project, 'switch', '-q', 'recac/taken');
  expect(await readFile(join(project, 'one.bin'), 'utf8')).toBe('content\n');
  git(project, 'switch', '-q', '-f', 'main');
  await mergeWork({ directory: project }, sessionId);
  expect([read('main', 'file'), await readFile(join(project, 'one.bin'), 'utf8')]).toEqual(['two', 'later\n']);
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

test('an ignored file that was carried gets onto no branch, and stays as it is here', async () => {
  await writeFile(join(project, '.gitignore'), '.env\ncache/\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'ignore');
  await writeFile(join(project, '.env'), 'secret=1\n');
  const script = 'echo two >file; git commit -qam two; echo secret=3 >.env; git commit -qam env; echo three >file';
  await makeSessionWork(project, { sessionId, there, script, include: ['.env'] });
  await writeFile(join(project, '.env'), 'secret=2\n');
  for (const take of [checkoutWork, mergeWork]) {
    expect(await take({ directory: project }, sessionId)).toMatchObject({ ignored: ['.env'], skipped: [] });
    git(project, 'switch', '-q', 'main');
  }
  expect(await readFile(join(project, '.env'), 'utf8')).toBe('secret=2\n');
  expect(git(project, 'log', '--format=%s', 'recac/taken', '--', '.env')).toBe('');
  expect(git(project, 'log', '--format=%s', 'main')).toBe('Uncommitted work of taken\nenv\ntwo\nignore\none');
  expect(read('main', 'file')).toBe('three');
});

test.each(['cache/kept', 'cache'])('what is ignored here is not overwritten: %s', async (path) => {
  await writeFile(join(project, '.gitignore'), 'cache\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'ignore');
  const script = path === 'cache' ? 'echo x >cache' : 'mkdir cache; echo x >cache/kept';
  await makeSessionWork(project, { sessionId, there, script: `${script}; git add -f cache; git commit -qm cache` });
  await mkdir(join(project, 'cache'));
  await writeFile(join(project, 'cache/kept'), 'mine\n');
  for (const take of [mergeWork, checkoutWork])
    await expect(take({ directory: project }, sessionId)).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_CONFLICT',
      details: { paths: [path] },
    });
  expect(await readFile(join(project, 'cache/kept'), 'utf8')).toBe('mine\n');
});

test('a link that leads out of the workspace is left out and named', async () => {
  const script = 'ln -s /etc/passwd out; ln -s file in; git add .; git commit -qm links; ln -s ../.. up';
  await makeSessionWork(project, { sessionId, there, script });
  expect((await mergeWork({ directory: project }, sessionId)).skipped.toSorted()).toEqual(['out', 'up']);
  expect(await readlink(join(project, 'in'))).toBe('file');
  for (const name of ['out', 'up']) await expect(lstat(join(project, name))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('what is excluded does not go in, at whatever depth and tracked or not, and does not look removed', async () => {
  for (const path of ['keys/a.pem', 'build/x', 'deep/build/x', 'kept.pem']) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), 'tracked\n');
  }
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'keys');
  await writeFile(join(project, 'keys/b.pem'), 'untracked\n');
  await writeFile(join(project, 'keys/a.pem'), 'changed\n');
  const exclude = ['*.pem', '!/kept.pem', '/build', '# comment'];
  await makeSessionWork(project, { sessionId, there, script: 'echo two >file; echo made >keys-made.pem', exclude });
  expect(git(there, 'ls-tree', '-r', '--name-only', 'refs/start')).toBe('deep/build/x\nfile\nkept.pem');
  const difference = await readDifference({ directory: project }, sessionId, 'names');
  expect(difference.toString()).toBe('M\tfile\nA\tkeys-made.pem\n');
  const { changed } = await applyWork({ directory: project }, sessionId);
  expect(changed).toEqual(['file', 'keys-made.pem']);
  const { branch, ignored } = await checkoutWorkOver('file', 'keys-made.pem', 'keys/a.pem');
  expect(ignored).toEqual([]);
  expect(git(project, 'diff', '--name-only', 'main', branch)).toBe('file\nkeys-made.pem');
});

test('a tracked file that was excluded and that the session makes is taken by no branch, and named', async () => {
  await writeFile(join(project, 'a.pem'), 'mine\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'key');
  await makeSessionWork(project, { sessionId, there, script: 'echo theirs >a.pem', exclude: ['*.pem'] });
  expect(await mergeWork({ directory: project }, sessionId)).toMatchObject({ ignored: ['a.pem'] });
  expect(read('main', 'a.pem')).toBe('mine');
  expect(await applyWork({ directory: project }, sessionId)).toMatchObject({
    changed: [],
    conflicts: [{ path: 'a.pem', saved: 'a.pem.recac-taken' }],
  });
});

async function checkoutWorkOver(...paths: readonly string[]): ReturnType<typeof checkoutWork> {
  git(project, 'stash', 'push', '-q', '--include-untracked', '--', ...paths);
  return checkoutWork({ directory: project }, sessionId);
}
