import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toLinesAtTop } from '../src/git/read-exclude.ts';
import { applyWork, checkoutWork, createGitWorkspace, type GitOptions, mergeWork } from '../src/index.ts';
import { git } from './git-daemon.ts';

let directory: string;
let project: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-unborn-'));
  project = join(directory, 'project');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A session that runs a script; `again`: then something happens here, and it is pushed once more. */
async function session(
  script: string,
  options: Partial<GitOptions> = {},
  again?: (push: () => Promise<unknown>) => Promise<void>,
): Promise<string> {
  await using engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
  const workspace = createGitWorkspace({ engine, path: project, ...options });
  const environment: Environment = await engine.startEnvironment({
    sessionId: 'unborn',
    workspace: await workspace.prepare(),
  });
  try {
    await workspace.push(environment);
    await again?.(() => createGitWorkspace({ engine, path: project, ...options }).push(environment));
    const { exitCode, stdout, stderr } = await engine.exec(environment.id, ['sh', '-ec', script]);
    expect(exitCode, stderr).toBe(0);
    await workspace.harvest(environment);
    return stdout.trim();
  } finally {
    await engine.stopEnvironment(environment.id);
  }
}

test.each([
  ['merge', mergeWork],
  ['checkout', checkoutWork],
  ['apply', applyWork],
])('%s in a repository without a commit', async (_, take) => {
  git(directory, 'init', '-q', '-b', 'main', project);
  await writeFile(join(project, 'staged'), 'staged\n');
  git(project, 'add', '.');
  await session('echo made >made; git add .; git commit -qm made; echo more >more');
  await take({ directory: project }, 'unborn');
  expect(await readFile(join(project, 'made'), 'utf8')).toBe('made\n');
  expect(await readFile(join(project, 'more'), 'utf8')).toBe('more\n');
  if (take !== applyWork) expect(git(project, 'status', '--short')).toBe('');
});

test.each(['merge', 'checkout'])('%s in a repository without a commit overwrites nothing', async (how) => {
  git(directory, 'init', '-q', '-b', 'main', project);
  await writeFile(join(project, 'file'), 'one\n');
  await session('echo theirs >file');
  await writeFile(join(project, 'file'), 'mine\n');
  const take = how === 'merge' ? mergeWork : checkoutWork;
  await expect(take({ directory: project }, 'unborn')).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_CONFLICT',
    details: { paths: ['file'] },
  });
  expect(await readFile(join(project, 'file'), 'utf8')).toBe('mine\n');
});

const makeHistory = async (): Promise<string> => {
  const source = join(directory, 'source');
  git(directory, 'init', '-q', '-b', 'main', source);
  for (const text of ['one', 'two', 'three', 'four']) {
    await writeFile(join(source, 'file'), `${text}\n`);
    git(source, 'add', '.');
    git(source, 'commit', '-q', '-m', text);
  }
  return source;
};

test.each([
  ['none', '1', undefined],
  [2, '3', undefined],
  [10, '5', undefined],
  ['full', '5', undefined],
  ['none', '1', 2],
  [1, '2', 2],
  [10, '3', 2],
  ['full', '3', 2],
] as const)(
  'history %s gives an environment %s commits, from a clone of depth %s too, and its work is merged',
  async (history, count, depth) => {
    const source = await makeHistory();
    git(directory, 'clone', '-q', ...(depth === undefined ? [] : [`--depth=${depth}`]), `file://${source}`, project);
    const script = 'git log --oneline | wc -l; git fsck --strict --no-dangling; echo five >file; git commit -qam five';
    expect(await session(script, { history })).toBe(count);
    await mergeWork({ directory: project }, 'unborn');
    expect(git(project, 'log', '-2', '--format=%s')).toBe('five\nfour');
    expect(git(project, 'fsck', '--strict', '--no-dangling')).toBe('');
  },
);

test('what a .recacignore names stays here, tracked or not, for the whole session, and does not look removed', async () => {
  git(directory, 'init', '-q', '-b', 'main', project);
  await mkdir(join(project, 'deep/data'), { recursive: true });
  for (const path of ['tracked.bin', 'kept.bin', 'file', 'deep/data/x', 'deep/y'])
    await writeFile(join(project, path), `${path}\n`);
  await writeFile(join(project, '.recacignore'), '# ours\n*.bin\n!kept.bin\r\nsecret\n');
  await writeFile(join(project, 'deep/.recacignore'), '/data/\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'one');
  for (const path of ['secret', 'other.bin']) await writeFile(join(project, path), `${path}\n`);
  const said = await session(
    'find . -path ./.git -prune -o -type f -print | sort; echo two >file',
    { exclude: ['deep/y'] },
    async (push) => {
      await writeFile(join(project, '.recacignore'), 'file\n');
      expect(await push()).toMatchObject({ changed: 1, conflicts: [] });
    },
  );
  expect(said).toBe('./.recacignore\n./deep/.recacignore\n./file\n./kept.bin');
  expect((await applyWork({ directory: project }, 'unborn')).changed).toEqual(['file']);
  git(project, 'checkout', '-q', '.');
  await mergeWork({ directory: project }, 'unborn');
  expect(git(project, 'ls-files')).toBe(
    '.recacignore\ndeep/.recacignore\ndeep/data/x\ndeep/y\nfile\nkept.bin\ntracked.bin',
  );
});

test('lines of a .recacignore below mean the same at the top', () => {
  expect(['x', '!x/', '/x', 'a/b', '\\#x', '# no', '', '*.log'].flatMap((line) => toLinesAtTop('d[1]', line))).toEqual([
    '/d\\[1]/**/x',
    '!/d\\[1]/**/x/',
    '/d\\[1]/x',
    '/d\\[1]/a/b',
    '/d\\[1]/**/#x',
    '/d\\[1]/**/*.log',
  ]);
});
