import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyInScript } from '../../src/copy/copy-in-script.ts';
import { packScript } from '../../src/copy/copy-out-script.ts';
import { copyOut, createGitWorkspace, createUploadWorkspace } from '../../src/index.ts';
import { git } from '../git-daemon.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from '../workspace-world.ts';

let world: WorkspaceWorld;
beforeEach(async () => {
  world = await createWorkspaceWorld();
  git(world.project, 'init', '-q');
  git(world.project, '-c', 'user.name=t', '-c', 'user.email=t', 'commit', '-q', '--allow-empty', '-m', 'first');
});
afterEach(() => world[Symbol.asyncDispose]());

/** Brings the project to what it is when the client is killed in the middle of a copy out. */
async function killCopyOut(): Promise<void> {
  const { engine, project, directory } = world;
  const { id } = await engine.startEnvironment({ sessionId: 'killed' });
  await engine.exec(id, ['sh', '-c', 'mkdir from; echo 1 >from/file']);
  const killed = join(directory, 'killed');
  const exec = engine.exec.bind(engine);
  engine.exec = async (environmentId, command, options) => {
    const result = await exec(environmentId, command, options);
    if (command[2] === packScript) {
      const [stage = ''] = (await readdir(project)).filter((name) => name.startsWith('.recac-'));
      await cp(project, killed, { recursive: true });
      const { pid = 0 } = spawnSync('true');
      const dead = join(killed, stage.replace(String(process.pid), String(pid)));
      if (dead !== join(killed, stage)) execFileSync('mv', [join(killed, stage), dead]);
      await mkdir(join(dead, 'content'), { recursive: true });
      await writeFile(join(dead, 'content/part'), 'half');
    }
    return result;
  };
  try {
    await copyOut(engine, id, { source: 'from/.', destination: project });
  } finally {
    engine.exec = exec;
  }
  await engine.stopEnvironment(id);
  await rm(project, { recursive: true });
  await cp(killed, project, { recursive: true });
}

const stages = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => name.startsWith('.recac-'));

test.each(['git', 'upload'])('what a copy out leaves that was killed is not carried by %s', async (strategy) => {
  await killCopyOut();
  const { engine, project, directory } = world;
  expect(await stages(project)).toHaveLength(1);
  expect(git(project, 'status', '--porcelain')).toBe('');
  await writeFile(join(project, 'mine'), '1\n');
  const workspace =
    strategy === 'git'
      ? createGitWorkspace({ engine, path: project })
      : createUploadWorkspace({ engine, path: project, toBasePath: () => join(directory, 'base') });
  await workspace.prepare();
  const environment = await engine.startEnvironment({ sessionId: 'after' });
  await workspace.push(environment);
  const { stdout } = await engine.exec(environment.id, ['sh', '-c', 'ls -A | grep -v ^.git$']);
  expect(stdout).toBe('mine\n');
  await workspace.dispose();
});

test('what a copy out leaves that was killed is removed by the next one', async () => {
  await killCopyOut();
  const { engine, project } = world;
  const { id } = await engine.startEnvironment({ sessionId: 'next' });
  await engine.exec(id, ['sh', '-c', 'mkdir from; echo 2 >from/file']);
  await copyOut(engine, id, { source: 'from/.', destination: project });
  expect(await stages(project)).toEqual([]);
  expect(await readFile(join(project, 'file'), 'utf8')).toBe('2\n');
});

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'ash']].filter(
  ([program = '', ...parameters]) => spawnSync(program, [...parameters, '-c', ':']).status === 0,
);

test.each(shells.map((words) => ({ words })))(
  'what a copy in leaves under $words that was killed is no work',
  async ({ words }) => {
    const { engine, project, directory } = world;
    const upload = createUploadWorkspace({ engine, path: project, toBasePath: () => join(directory, 'base') });
    const environment = await engine.startEnvironment({ sessionId: 'inside' });
    await upload.push(environment);
    const inside = environment.workspacePath;
    git(inside, 'init', '-q');
    const [shell = '', ...parameters] = words;
    const copying = spawn(shell, [...parameters, '-c', copyInScript, 'recac', `${inside}/.`, 'contents', '', 'id'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const closed = once(copying, 'close');
    copying.stdin.write(execFileSync('tar', ['-cf', '-', '-C', project, '.git']).subarray(0, 20_480));
    await expect
      .poll(async () => readdir(join(inside, (await stages(inside))[0] ?? 'none')).catch(() => []))
      .toContain('.git');
    copying.kill('SIGKILL');
    copying.stdin.end();
    await closed;
    expect(await stages(inside)).toHaveLength(1);
    expect(git(inside, 'status', '--porcelain')).toBe('');
    expect(await upload.pull(environment)).toMatchObject({ changed: 0 });
  },
);
