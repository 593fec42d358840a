import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyWork, createGitWorkspace, findRepository, mergeWork } from '../src/index.ts';
import { type GitDaemon, git, startGitDaemon } from './git-daemon.ts';

let directory: string;
let project: string;
let remote: GitDaemon;
let engine: ReturnType<typeof createLocalEngine>;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-clone-'));
  remote = await startGitDaemon(directory);
  project = join(directory, 'project');
  git(directory, 'clone', '-q', remote.url, project);
  engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
});
afterEach(async () => {
  for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
  await engine.close();
  await remote[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const start = async (options: Partial<Parameters<typeof createGitWorkspace>[0]> = {}) => {
  const workspace = createGitWorkspace({ engine, path: project, remote: 'origin', ...options });
  const environment = await engine.startEnvironment({ sessionId: 'cloned', workspace: await workspace.prepare() });
  await workspace.push(environment);
  const run = async (script: string): Promise<string> => {
    const result = await engine.exec(environment.id, ['sh', '-c', script]);
    expect([result.exitCode, result.stderr]).toEqual([0, '']);
    return result.stdout.trim();
  };
  return { workspace, environment, run };
};
const advance = async (): Promise<string> => {
  const other = join(directory, 'other');
  git(directory, 'clone', '-q', remote.url, other);
  await writeFile(join(other, 'new'), 'from others\n');
  git(other, 'add', '.');
  git(other, 'commit', '-q', '-m', 'three');
  git(other, 'push', '-q', 'origin', 'main');
  return git(other, 'rev-parse', 'HEAD');
};

test('the environment clones the remote; nothing of the working tree here goes in, and its work comes back', async () => {
  await writeFile(join(project, 'not-pushed'), 'here\n');
  const { workspace, environment, run } = await start();
  expect(await run('ls; git log --format=%s; git status --short; git branch --show-current')).toBe(
    'file\ntwo\none\nrecac/cloned',
  );
  await run('echo three >file; git commit -qam three; echo four >>file');
  const report = await workspace.harvest(environment);
  expect(report).toMatchObject({ commits: 1, changedFiles: 1 });
  const repository = await findRepository(project);
  expect((await applyWork(repository ?? { directory: project }, 'cloned')).conflicts).toEqual([]);
  expect(await readFile(join(project, 'file'), 'utf8')).toBe('three\nfour\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 0 });
});

test('merging keeps the commits that were made here and not pushed', async () => {
  await writeFile(join(project, 'mine'), 'here\n');
  git(project, 'add', '.');
  git(project, 'commit', '-q', '-m', 'mine');
  const { workspace, environment, run } = await start();
  await run('echo three >file; git commit -qam three; echo four >>file');
  await workspace.harvest(environment);
  await mergeWork({ directory: project }, 'cloned');
  expect(await readFile(join(project, 'mine'), 'utf8')).toBe('here\n');
  expect(await readFile(join(project, 'file'), 'utf8')).toBe('three\nfour\n');
});

test('the session can push from there', async () => {
  const { run } = await start();
  await run('echo three >file; git commit -qam three; git push -q origin HEAD');
  expect(git(remote.directory, 'log', '--format=%s', 'recac/cloned')).toBe('three\ntwo\none');
});

test('commits of the remote that are not here yet come along, so that the work can be compared', async () => {
  const tip = await advance();
  const { workspace, environment, run } = await start();
  expect(await run('git rev-parse HEAD')).toBe(tip);
  await run('echo changed >new');
  expect(await workspace.harvest(environment)).toMatchObject({ changedFiles: 1 });
  expect(git(project, 'diff', '--name-only', 'refs/recac/cloned/start', 'refs/recac/cloned/work')).toBe('new');
  expect(git(project, 'fsck', '--connectivity-only', '--no-dangling')).toBe('');
});

test('a short history is enough where the commit is known here, and refused where it is not', async () => {
  const { workspace, environment, run } = await start({ history: 1 });
  expect(await run('git log --format=%s')).toBe('two');
  await run('echo three >file; git commit -qam three');
  expect(await workspace.harvest(environment)).toMatchObject({ commits: 1 });
  expect(git(project, 'fsck', '--connectivity-only', '--no-dangling')).toBe('');
  await engine.stopEnvironment(environment.id);
  await advance();
  await expect(start({ history: 1 })).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    message: expect.stringMatching(/git fetch here first/),
  });
});

test('another process that finds the session pushes nothing into the clone', async () => {
  const { environment, run } = await start();
  await run('echo three >file; git commit -qam three');
  const other = createGitWorkspace({ engine, path: project, isCloned: true });
  await writeFile(join(project, 'file'), 'changed here\n');
  expect(await other.push(environment)).toMatchObject({ changed: 0 });
  expect(await run('cat file; git log --format=%s')).toBe('three\nthree\ntwo\none');
  expect(await other.harvest(environment)).toMatchObject({ commits: 1 });
});

test.each([
  [{ remote: 'upstream' }, 'RECAC_WORKSPACE_UNAVAILABLE', /no remote named upstream/],
  [{ remote: 'ext::id' }, 'RECAC_INVALID_ARGUMENT', /remote helper/],
  [{ branch: '--upload-pack=id' }, 'RECAC_INVALID_ARGUMENT', /name of a branch/],
  [{ remote: 'http://example.com/x', secretName: 'login' }, 'RECAC_INVALID_ARGUMENT', /must be https/],
  [{ branch: 'a..b' }, 'RECAC_INVALID_ARGUMENT', /name of a branch/],
  [{ branch: 'absent' }, 'RECAC_WORKSPACE_GIT_FAILED', /could not clone git:.*absent/],
  [{ remote: 'git://127.0.0.1:1/project' }, 'RECAC_WORKSPACE_GIT_FAILED', /could not clone.*--network internet/],
] as const)('%j: %s', async (options, code, message) => {
  await expect(start(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('a remote of the repository whose address holds a token is refused without showing it', async () => {
  git(project, 'config', 'remote.origin.url', 'https://hunter2@example.com/x');
  const error = await start().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
  expect(String((error as Error).message)).not.toContain('hunter2');
});
