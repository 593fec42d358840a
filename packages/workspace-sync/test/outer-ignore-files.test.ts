import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { walkDirectory } from '../src/manifest/walk-directory.ts';
import { git } from './git-daemon.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-outer-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const listCarried = (path: string): readonly string[] => {
  const paths: string[] = [];
  walkDirectory(path, { ignoreFiles: ['.gitignore', '.recacignore'] }, (name, { type }) => {
    if (type !== 'directory') paths.push(name);
  });
  return paths.toSorted();
};
const write = async (top: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(top, path)), { recursive: true });
    await writeFile(join(top, path), text);
  }
};
const monorepo = {
  '.gitignore': '.env\nnode_modules/\n/packages/app/dist\n/other\n!a.log\n/packages/ignored/\n',
  'packages/.gitignore': '*.log\nb\n',
  'packages/app/.gitignore': '!b.log\n',
  'packages/app/.env': '',
  'packages/app/node_modules/x/index.js': '',
  'packages/app/dist/x': '',
  'packages/app/src/dist/x': '',
  'packages/app/other': '',
  'packages/app/a.log': '',
  'packages/app/b.log': '',
  'packages/app/b/file': '',
  'packages/app/private': '',
  'packages/ignored/file': '',
  'packages/ignored/.env': '',
};

test('in a directory of a repository what git ignores there stays here, in every working tree of it', async () => {
  const top = join(directory, 'monorepo');
  git(directory, 'init', '-q', top);
  git(top, 'commit', '-q', '--allow-empty', '-m', 'first');
  const other = join(directory, 'other');
  git(top, 'worktree', 'add', '-q', other);
  await writeFile(join(top, '.git/info/exclude'), 'private\n');
  for (const tree of [top, other]) {
    await write(tree, monorepo);
    const app = join(tree, 'packages/app');
    const byGit = git(app, 'ls-files', '--others', '--exclude-standard').split('\n').toSorted();
    expect(byGit).toEqual(['.gitignore', 'b.log', 'other', 'src/dist/x']);
    expect(listCarried(app)).toEqual(byGit);
    // It is no part of the repository, and whoever names it means it.
    expect(listCarried(join(tree, 'packages/ignored'))).toEqual(['.env', 'file']);
  }
});

test('a repository that is the home directory says nothing of what is in it', async () => {
  const { HOME } = process.env;
  process.env.HOME = directory;
  try {
    git(directory, 'init', '-q');
    await write(directory, { '.gitignore': '*\n!*/\n', 'project/file': '' });
    expect(listCarried(join(directory, 'project'))).toEqual(['file']);
  } finally {
    process.env.HOME = HOME;
  }
});
