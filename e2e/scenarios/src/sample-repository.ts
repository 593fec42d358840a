import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of the repository, without those that make it dirty. */
const fileCount = 3_000;

/** Makes a repository of several thousand files that is dirty: staged, changed, removed, untracked and ignored files, an executable, links, odd names. */
export async function createSampleRepository(directory: string): Promise<void> {
  const write = (path: string, content: string): Promise<void> => writeFile(join(directory, path), content);
  for (let index = 0; index < fileCount; index += 1) {
    const parent = `source/part-${index % 60}`;
    if (index < 60) await mkdir(join(directory, parent), { recursive: true });
    await write(`${parent}/file-${index}.txt`, `line of ${index}\n`.repeat(1 + (index % 40)));
  }
  await mkdir(join(directory, 'app/[id]'), { recursive: true });
  await write('app/[id]/page', 'page\n');
  await write('.gitignore', 'ignored/\n');
  git(directory, 'init', '-q', '-b', 'main');
  git(directory, 'add', '-A');
  git(directory, 'commit', '-qm', 'first');
  await write('source/part-1/file-1.txt', 'staged\n');
  git(directory, 'add', '-A');
  await write('source/part-2/file-2.txt', 'changed\n');
  await rm(join(directory, 'source/part-3/file-3.txt'));
  await write('program', '#!/bin/sh\necho hello\n');
  await chmod(join(directory, 'program'), 0o755);
  await symlink('source/part-4/file-4.txt', join(directory, 'link'));
  await write('a name\nof two lines', 'odd\n');
  await mkdir(join(directory, 'ignored'));
  await write('ignored/secret', 'stays here\n');
}

/** What an agent does there: it commits, leaves files uncommitted, removes and renames, and says `begun` before it goes on for ever. */
export const agentScript = [
  'set -e',
  'test "$(cat source/part-2/file-2.txt)" = changed; test ! -e source/part-3/file-3.txt; test ! -e ignored; ./program >/dev/null',
  'echo one >>source/part-5/file-5.txt; git add -A; git commit -qm one',
  'git mv source/part-6/file-6.txt renamed; git rm -q source/part-7/file-7.txt; git commit -qm two',
  "echo loose >loose; echo edit >>source/part-8/file-8.txt; rm source/part-9/file-9.txt; echo page two >'app/[id]/page'",
  'mv source/part-10 moved; head -c 300000 /dev/urandom >binary',
  'sha256sum binary | cut -c1-64 >sum; sync',
  'echo begun',
].join('\n');

/** Throws unless `refs/recac/<name>/work` holds all that the script did, and the repository's own files are as they were. */
export function checkWork(directory: string, name: string): void {
  const work = `refs/recac/${name}/work`;
  const show = (path: string): string => git(directory, 'show', `${work}:${path}`).toString();
  const listed = new Set(git(directory, 'ls-tree', '-r', '-z', '--name-only', work).toString().split('\0'));
  const facts: readonly (readonly [string, boolean])[] = [
    ['the loose file', show('loose') === 'loose\n'],
    ['the uncommitted edit', show('source/part-8/file-8.txt').endsWith('edit\n')],
    ['the page', show('app/[id]/page') === 'page two\n'],
    ['the rename', listed.has('renamed') && !listed.has('source/part-6/file-6.txt')],
    ['the removals', !listed.has('source/part-7/file-7.txt') && !listed.has('source/part-9/file-9.txt')],
    ['the directory that moved', listed.has('moved/file-10.txt') && !listed.has('source/part-10/file-10.txt')],
    ['the binary', `${sha256(git(directory, 'show', `${work}:binary`))}\n` === show('sum')],
    ['both commits', git(directory, 'rev-list', '--count', `refs/recac/${name}/head`).toString() === '3\n'],
    ['our own files', git(directory, 'show', 'HEAD:source/part-2/file-2.txt').toString().startsWith('line of 2\n')],
    ['our own index', git(directory, 'diff', '--cached', '--name-only').toString() === 'source/part-1/file-1.txt\n'],
  ];
  for (const [what, holds] of facts) if (!holds) throw new Error(`${what} did not come back`);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function git(directory: string, ...words: readonly string[]): Buffer {
  const person = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost'];
  return execFileSync('git', [...person, ...words], { cwd: directory, maxBuffer: 64 * 1_048_576 });
}
