import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSnapshot } from '../src/git/create-snapshot.ts';
import { readIgnored } from '../src/git/read-ignored.ts';
import { resolveReference } from '../src/git/repository.ts';
import { runGit } from '../src/git/run-git.ts';
import { listTreeChanges } from '../src/git/tree-changes.ts';
import { mergeWork, readDifference } from '../src/index.ts';
import { git } from './git-daemon.ts';
import { makeSessionWork } from './session-work.ts';

let directory: string;
let project: string;
let program: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-settings-'));
  project = join(directory, 'project');
  program = join(directory, 'program');
  await writeFile(program, `#!/bin/sh\necho "$0 $*" >>'${directory}/ran'\ncat 2>/dev/null\nexit 0\n`, { mode: 0o755 });
  git(directory, 'init', '-q', '-b', 'main', project);
  await writeFile(join(project, 'file'), '1\n2\n3\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'one');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const configure = async (text: string | Buffer): Promise<void> => {
  const file = join(project, '.git/config');
  await writeFile(file, Buffer.concat([await readFile(file), Buffer.from('\n'), Buffer.from(text)]));
};
const whatRan = (): Promise<string> => readFile(join(directory, 'ran'), 'utf8').catch(() => 'nothing ran');

test('no object that is missing is fetched, whatever protocol the repository allows', async () => {
  await configure(
    `[extensions]\n\tpartialClone = x\n[remote "x"]\n\tpromisor = true\n\turl = "ext::${program}"\n[protocol "ext"]\n\tallow = always\n`,
  );
  git(project, 'config', 'core.repositoryFormatVersion', '1');
  await writeFile(join(project, '.git/refs/heads/main'), `${'1'.repeat(40)}\n`);
  await resolveReference({ directory: project }, 'HEAD').catch(() => {});
  expect(await whatRan()).toBe('nothing ran');
});

test.each([
  ['filter', 'an =', 'a=b'],
  ['filter', 'bytes that are no text', '\xff'],
  ['merge', 'an =', 'a=b'],
  ['diff', 'an =', 'a=b'],
])('a repository with a program for a %s whose name has %s is refused', async (kind, _, name) => {
  const programs = ['clean', 'driver', 'command'].map((key) => `\t${key} = ${program}\n`);
  await configure(Buffer.from(`[${kind} "${name}"]\n${programs.join('')}`, 'latin1'));
  await writeFile(join(project, '.gitattributes'), Buffer.from(`* ${kind}=${name}\n`, 'latin1'));
  await expect(createSnapshot({ directory: project }, { message: 'Workspace' })).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_GIT_FAILED',
    message: expect.stringContaining('names a program'),
  });
  expect(await whatRan()).toBe('nothing ran');
});

test('a merge signs by no program, also where the options of the branch want it', async () => {
  await configure(`[branch "main"]\n\tmergeOptions = --no-ff -S --verify-signatures\n[gpg]\n\tprogram = ${program}\n`);
  git(project, 'config', 'gpg.ssh.program', program);
  await makeSessionWork(project, { sessionId: 'x', there: join(directory, 'there'), script: 'echo two >file' });
  await mergeWork({ directory: project }, 'x').catch(() => {});
  expect(await whatRan()).toBe('nothing ran');
  git(project, 'config', 'branch.main.mergeOptions', '--no-ff -S');
  await mergeWork({ directory: project }, 'x');
  expect(await whatRan()).toBe('nothing ran');
  expect(git(project, 'show', 'HEAD:file')).toBe('two');
  // What the options want besides is done.
  expect(git(project, 'rev-list', '--parents', '-1', 'HEAD').split(' ')).toHaveLength(3);
});

test('the ignored patterns that go along come from no file that the repository names', async () => {
  const secret = join(directory, 'secret');
  const users = join(directory, 'users');
  await writeFile(secret, 'secret\n');
  await writeFile(users, '*.users\n');
  await writeFile(join(directory, '.gitconfig'), `[core]\n\texcludesFile = ~/users\n`);
  const home = process.env.HOME;
  process.env.HOME = directory;
  try {
    await writeFile(join(project, '.git/info/exclude'), '*.own\n');
    expect(await readIgnored({ directory: project })).toBe('*.own\n*.users');
    await configure(`[core]\n\texcludesFile = ${secret}\n`);
    await rm(join(project, '.git/info/exclude'));
    await symlink(secret, join(project, '.git/info/exclude'));
    expect(await readIgnored({ directory: project })).toBe('*.users');
  } finally {
    process.env.HOME = home;
  }
});

async function addModule(): Promise<string> {
  const module = join(project, 'module');
  git(project, 'init', '-q', module);
  await writeFile(join(module, 'code'), 'one\n');
  git(module, 'add', '.');
  git(module, 'commit', '-q', '-m', 'one');
  await writeFile(join(project, '.gitmodules'), '[submodule "module"]\n\tpath = module\n\turl = ./module\n');
  git(project, '-c', 'advice.addEmbeddedRepo=false', 'add', '.');
  git(project, 'commit', '-q', '-m', 'two');
  return module;
}

test('a submodule is not gone into for its pointer', async () => {
  const module = await addModule();
  git(module, 'config', 'filter.evil.clean', program);
  await writeFile(join(module, '.gitattributes'), '* filter=evil\n');
  await utimes(join(module, 'code'), 1, 1);
  const tree = async (): Promise<string> => {
    const { commit } = await createSnapshot({ directory: project }, { message: 'Workspace', include: ['module'] });
    return git(project, 'ls-tree', commit, 'module');
  };
  expect(await tree()).toContain(git(module, 'rev-parse', 'HEAD'));
  git(module, '-c', 'filter.evil.clean=', 'commit', '-q', '--allow-empty', '-m', 'two');
  await rm(join(directory, 'ran'), { force: true });
  await utimes(join(module, 'code'), 2, 2);
  expect(await tree()).toContain(git(module, 'rev-parse', 'HEAD'));
  expect(await whatRan()).toBe('nothing ran');
  await rm(module, { recursive: true });
  expect(await tree()).toBe('');
});

test('a merge stashes nothing, which would look into submodules', async () => {
  const module = await addModule();
  await makeSessionWork(project, { sessionId: 'x', there: join(directory, 'there'), script: 'echo x >made' });
  git(module, 'config', 'filter.evil.clean', program);
  await writeFile(join(module, '.gitattributes'), '* filter=evil\n');
  await utimes(join(module, 'code'), 1, 1);
  await writeFile(join(project, 'file'), 'mine\n');
  git(project, 'config', 'merge.autoStash', 'true');
  await mergeWork({ directory: project }, 'x');
  expect(await whatRan()).toBe('nothing ran');
});

test('the difference of a submodule is not looked for in it', async () => {
  const module = await addModule();
  const earlier = git(module, 'rev-parse', 'HEAD');
  await writeFile(join(module, 'code'), 'two\n');
  git(module, 'commit', '-q', '-a', '-m', 'two');
  const script = `git update-index --cacheinfo 160000,${earlier},module; git commit -q -m earlier`;
  await makeSessionWork(project, { sessionId: 'x', there: join(directory, 'there'), script });
  git(project, 'config', 'diff.submodule', 'diff');
  git(module, 'config', 'diff.external', program);
  expect((await readDifference({ directory: project }, 'x')).toString()).toContain(earlier);
  expect(await whatRan()).toBe('nothing ran');
});

test('a small tree with a thousand million paths is refused before git or recac holds them', async () => {
  const blob = git(project, 'hash-object', '-w', 'file');
  const toTree = (entry: string): string => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `${entry}\t${index}\n`).join('');
    return execFileSync('git', ['mktree'], { cwd: project, input: lines, encoding: 'utf8' }).trim();
  };
  const tree = toTree(`040000 tree ${toTree(`040000 tree ${toTree(`100644 blob ${blob}`)}`)}`);
  await expect(listTreeChanges({ directory: project }, 'HEAD', tree)).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_GIT_FAILED',
    message: expect.stringContaining('diff-tree'),
  });
  await expect(
    runGit({ directory: project, arguments: ['ls-tree', '-r', '-z', '--full-tree', tree] }),
  ).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_GIT_FAILED', message: expect.stringContaining('256 MiB') });
}, 120_000);
