import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '@recac/engine-core';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseOtherWork } from '../src/git/other-work.ts';
import { parseOtherWorkList } from '../src/git/other-work-list.ts';
import { checkoutWork, createGitWorkspace, listRescuedWork } from '../src/index.ts';
import { git, startGitDaemon } from './git-daemon.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './workspace-world.ts';

let world: WorkspaceWorld;
const identity = 'git config user.name a; git config user.email b@localhost';
const list = (): string =>
  git(world.project, 'for-each-ref', '--format=%(refname)', 'refs/recac', 'refs/recac-earlier');

beforeEach(async () => {
  world = await createWorkspaceWorld();
  git(world.project, 'init', '-q', '-b', 'main');
  await writeFile(join(world.project, 'file'), 'one\n');
  git(world.project, 'add', '.');
  git(world.project, 'commit', '-q', '-m', 'one');
});
afterEach(() => world[Symbol.asyncDispose]());

interface Begun {
  readonly workspace: ReturnType<typeof createGitWorkspace>;
  readonly environment: Environment;
  readonly inside: (script: string) => Promise<string>;
}

async function begin(
  options: Partial<Parameters<typeof createGitWorkspace>[0]> = {},
  environmentVariables: Readonly<Record<string, string>> = {},
): Promise<Begun> {
  const { engine, project } = world;
  const workspace = createGitWorkspace({ engine, path: project, ...options });
  const environment = await engine.startEnvironment({
    sessionId: 'others',
    workspace: await workspace.prepare(),
    environmentVariables,
  });
  await workspace.push(environment);
  const inside = async (script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await engine.exec(environment.id, ['sh', '-ec', script]);
    expect(exitCode, stderr).toBe(0);
    return stdout.trim();
  };
  return { workspace, environment, inside };
}

test('branches, tags and stashes of a session come back, are named, and go when the session has them no more', async () => {
  const { workspace, environment, inside } = await begin();
  await inside(
    `${identity}; for n in 1 2; do echo stash-$n >file; git stash -q; done; git switch -qc feature/x; echo two >file; git commit -qam two; git tag -am tag v1; git switch -q -; git branch same`,
  );
  const { summary } = await workspace.harvest(environment);
  expect(summary).toBe(
    'nothing changed on recac/others; besides heads/feature/x, stash/0, stash/1, tags/v1 below refs/recac/others/',
  );
  const show = (name: string): string => git(world.project, 'show', `refs/recac/others/${name}:file`);
  expect(['heads/feature/x', 'tags/v1', 'stash/0', 'stash/1'].map(show)).toEqual(['two', 'two', 'stash-2', 'stash-1']);
  await inside(
    'git branch -D feature/x; git switch -qc feature; echo three >file; git commit -qam three; git switch -q -',
  );
  await workspace.pull(environment);
  expect(list()).toContain('refs/recac/others/heads/feature\n');
  expect(list()).not.toContain('feature/x');
});

test('what an earlier session of the name had besides is kept', async () => {
  const { workspace, environment, inside } = await begin();
  await inside(`${identity}; git switch -qc 1; echo two >file; git commit -qam two; git switch -q -`);
  await workspace.harvest(environment);
  await world.engine.stopEnvironment(environment.id);
  await begin();
  expect(list()).toMatch(/^refs\/recac-earlier\/others\/\d+\.others\/heads\/1$/m);
  expect(list()).not.toContain('refs/recac/others/heads');
  expect((await listRescuedWork({ directory: world.project })).map(({ name }) => name)).toEqual(['others']);
});

test('commits of an earlier session of the name are kept also where the last of them takes all back', async () => {
  const { workspace, environment, inside } = await begin();
  await inside(`${identity}; echo two >file; git commit -qam two; git revert --no-edit HEAD`);
  const head = await inside('git rev-parse HEAD');
  await workspace.harvest(environment);
  await world.engine.stopEnvironment(environment.id);
  const second = await begin();
  const [reference = ''] = git(world.project, 'for-each-ref', '--format=%(refname)', 'refs/recac-earlier').split('\n');
  expect(git(world.project, 'rev-parse', `${reference}^`)).toBe(head);
  // One that did nothing leaves nothing.
  await world.engine.stopEnvironment(second.environment.id);
  await begin();
  expect(git(world.project, 'for-each-ref', '--format=%(refname)', 'refs/recac-earlier')).toBe(reference);
});

test('tags and branches that a clone came with are not those of the session; what it stands on no more is', async () => {
  await using daemon = await startGitDaemon(world.directory);
  git(daemon.directory, 'tag', 'old', 'main');
  const { workspace, environment, inside } = await begin({ remote: daemon.url, branch: 'main' });
  await inside(
    `${identity}; echo mine >file; git commit -qam mine; git switch -qC elsewhere HEAD~1; git tag new; git branch -D elsewhere || true`,
  );
  const { summary } = await workspace.harvest(environment);
  expect(summary).toBe(
    'nothing changed on recac/others; besides heads/recac/others, tags/new below refs/recac/others/',
  );
});

test('a branch whose commits are damaged is said, after all else came back', async () => {
  const { workspace, environment, inside } = await begin();
  await inside(
    `${identity}; git switch -qc bad; echo two >file; git commit -qam two; t=$(git rev-parse HEAD^{tree}); git switch -q -; rm -f .git/objects/$(echo $t | sed 's/../&\\//'); echo three >file`,
  );
  await expect(workspace.pull(environment)).rejects.toMatchObject({ message: expect.stringContaining('damaged') });
  expect(git(world.project, 'show', 'refs/recac/others/work:file')).toBe('three');
});

const twoBranches = `${identity}; git switch -qc feature; echo feature >file; git commit -qam two; git switch -qc other HEAD~1; echo other >file; git commit -qam three; git switch -q recac/others; for n in 1 2; do echo stash-$n >file; git stash -q; done`;
const breakFeature = 'rm -f .git/objects/$(git rev-parse feature | sed "s/../&\\//")';
const breakStash = 'rm -f .git/objects/$(git rev-parse stash@{1} | sed "s/../&\\//")';
const breakTree = 'rm -f .git/objects/$(git rev-parse feature^{tree} | sed "s/../&\\//")';
test.each([
  ['the commit of a branch is gone', breakFeature, /damaged.*heads\/feature/],
  ['the tree of a branch is gone', breakTree, /damaged.*heads\/feature/],
  ['an older stash is gone', `${breakStash}; echo new >file; git stash -q`, /damaged.*stash\/2/],
  ['a branch names nothing', ': >.git/refs/heads/feature', undefined],
  ['its repository is gone', 'rm -rf .git', undefined],
  [
    'it began another one',
    `rm -rf .git; git init -q; ${identity}; git add .; git commit -qm new; git branch other/x`,
    undefined,
  ],
])('branches and stashes that came back stay when %s', async (_, script, problem) => {
  const { workspace, environment, inside } = await begin();
  await inside(twoBranches);
  await workspace.pull(environment);
  const objects = (): string =>
    git(
      world.project,
      'for-each-ref',
      '--format=%(objectname)',
      'refs/recac/others/heads',
      'refs/recac/others/stash',
      'refs/recac-earlier',
    );
  const before = objects().split('\n');
  expect(before).toHaveLength(4);
  await inside(`${script}; echo later >file`);
  if (problem === undefined) await workspace.pull(environment);
  else await expect(workspace.pull(environment)).rejects.toThrow(problem);
  expect(objects().split('\n')).toEqual(expect.arrayContaining(before));
  expect(git(world.project, 'show', 'refs/recac/others/work:file')).toBe('later');
});

test('what stands on a history that was cut short is left out and named; all else comes', async () => {
  await using daemon = await startGitDaemon(world.directory);
  const { workspace, environment, inside } = await begin();
  await inside(
    `${identity}; git fetch -q --depth 1 ${daemon.url} main; git branch v2 FETCH_HEAD; git switch -qc mine; echo two >file; git commit -qam two; git switch -q -; echo three >file`,
  );
  const { summary } = await workspace.harvest(environment);
  expect(summary).toContain('besides heads/mine below refs/recac/others/');
  expect(summary).toContain('were left out: heads/v2 (history cut short)');
  expect(git(world.project, 'show', 'refs/recac/others/work:file')).toBe('three');
  await inside('git switch -qf v2; git commit -q --allow-empty -m on; echo four >file');
  await expect(workspace.harvest(environment)).rejects.toThrow('cut short');
  expect(git(world.project, 'show', 'refs/recac/others/work:file')).toBe('four');
});

test('more tags than are brought back are a note, and those of a remote are left out first', async () => {
  const { workspace, environment, inside } = await begin();
  const tags = (prefix: string, commit: string): string =>
    `for n in $(seq 501); do echo "create refs/tags/${prefix}$n ${commit}"; done | git update-ref --stdin`;
  await inside(
    `${identity}; git update-ref refs/remotes/origin/main HEAD; ${tags('a', '$(git rev-parse HEAD)')}; git switch -qc mine; echo two >file; git commit -qam two; git tag z; git switch -q -`,
  );
  const { summary } = await workspace.harvest(environment);
  expect(summary).toBe(
    'nothing changed on recac/others; besides heads/mine, tags/z below refs/recac/others/; of its branches, tags and stashes were left out: 501 that are too many',
  );
  await inside(tags('m', '$(git rev-parse mine)'));
  const next = await workspace.harvest(environment);
  expect(next.summary).toContain('504 that are too many');
  expect(
    list()
      .split('\n')
      .filter((name) => name.includes('/heads/')),
  ).toEqual(['refs/recac/others/heads/mine']);
}, 60_000);

test('tags of a remote alone that are more than are brought back stop nothing', async () => {
  const { workspace, environment, inside } = await begin();
  await inside(
    `git update-ref refs/remotes/origin/main HEAD; for n in $(seq 501); do echo "create refs/tags/a$n $(git rev-parse HEAD)"; done | git update-ref --stdin; echo two >file`,
  );
  const { summary } = await workspace.harvest(environment);
  expect(summary).toContain(
    '1 file changed, +1 -1 lines; of its branches, tags and stashes were left out: 501 that are',
  );
}, 60_000);

test('a name that cannot be kept here is a note', async () => {
  const { workspace, environment, inside } = await begin();
  await inside(`git tag ${'x'.repeat(220)}; echo two >file`);
  const { summary } = await workspace.harvest(environment);
  expect(summary).toContain(
    '1 file changed, +1 -1 lines; of its branches, tags and stashes were left out: 1 with names that',
  );
  expect(parseOtherWorkList(['nonsense', 'same'])).toMatchObject({ found: [], isSame: true, isComplete: false });
});

test('no name of an environment leads out of the references of its session', () => {
  const object = 'a'.repeat(40);
  expect(parseOtherWork(`${object} refs/heads/käse/x`)).toEqual({ object, name: 'heads/käse/x' });
  const refused = ['../x', 'a..b', 'a/.b', 'a.lock', 'a.lock/b', 'a//b', 'a b', 'a\nb', 'a^', '@{', 'a.', '/', ''];
  for (const name of refused) expect(parseOtherWork(`${object} refs/heads/${name}`), name).toBeUndefined();
  for (const line of [
    `${object} refs/remotes/x`,
    `${object} HEAD`,
    'x refs/heads/a',
    `${object} refs/heads/${'x'.repeat(250)}`,
  ])
    expect(parseOtherWork(line)).toBeUndefined();
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), (name) => {
      if (parseOtherWork(`${object} refs/heads/${name}`) !== undefined)
        expect(git(world.project, 'check-ref-format', `refs/heads/${name}`)).toBe('');
    }),
    { numRuns: 100 },
  );
});

test('neither a monitor nor a filter that the session configured holds its work up or changes it', async () => {
  const { workspace, environment, inside } = await begin();
  await inside(
    "git config core.fsmonitor 'sleep 1000'; git config filter.up.clean 'sleep 1000'; git config filter.up.required true; echo '* filter=up' >.gitattributes; echo two >file",
  );
  await workspace.pull(environment, { signal: AbortSignal.timeout(20_000) });
  expect(git(world.project, 'show', 'refs/recac/others/work:file')).toBe('two');
});

test('a git add that fails once fails nothing', async () => {
  const bin = join(world.directory, 'bin');
  await mkdir(bin);
  const real = git(world.project, '--exec-path');
  const script = `#!/bin/sh\nif [ "$1" = add ] && [ ! -e '${bin}/failed' ]; then touch '${bin}/failed'; exit 1; fi\nexec '${real}/git' "$@"\n`;
  await writeFile(join(bin, 'git'), script);
  await chmod(join(bin, 'git'), 0o755);
  const { workspace, environment, inside } = await begin({}, { PATH: `${bin}:${process.env.PATH}` });
  await inside('echo two >file');
  expect(await workspace.harvest(environment)).toMatchObject({ changedFiles: 1 });
  expect(await inside(`cat '${bin}/failed'`)).toBe('');
});

test('a session that took a commit back from before its beginning leaves a branch without what it removed', async () => {
  await writeFile(join(world.project, 'removed'), 'two\n');
  git(world.project, 'add', '.');
  git(world.project, 'commit', '-q', '-m', 'two');
  const { workspace, environment, inside } = await begin({ history: 'full' });
  await inside('git reset -q --hard HEAD~2');
  await workspace.harvest(environment);
  const { branch } = await checkoutWork({ directory: world.project }, 'others');
  expect(git(world.project, 'ls-tree', '--name-only', branch)).toBe('file');
});

test('a path of workspace.include that is not there is none', async () => {
  await writeFile(join(world.project, '.gitignore'), '.env*\n');
  await writeFile(join(world.project, '.env'), 'x\n');
  const { inside } = await begin({ include: ['.env', '.env.test', 'file/below'] });
  expect(await inside('ls -A')).toBe('.env\n.git\n.gitignore\nfile');
});
