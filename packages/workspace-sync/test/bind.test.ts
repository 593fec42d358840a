import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBindWorkspace } from '../src/index.ts';
import { resolveBindableDirectory } from '../src/strategy/bindable-directory.ts';

let directory: string;
let project: string;
let engine: ReturnType<typeof createLocalEngine>;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'recac-bind-')));
  project = join(directory, 'project');
  await mkdir(project);
  engine = createLocalEngine({ stateDirectory: join(directory, 'state') });
});
afterEach(async () => {
  for (const { id } of await engine.listEnvironments()) await engine.stopEnvironment(id);
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

test('a directory is named as it is', async () => {
  expect(await resolveBindableDirectory(project)).toBe(project);
  expect(await resolveBindableDirectory(join(project, '..', 'project', '.'))).toBe(project);
});

test.each([
  ['the whole file system', () => '/', /home directory or holds it/],
  ['the home directory', () => homedir(), /home directory or holds it/],
  ['what holds the home directory', () => join(homedir(), '..'), /home directory or holds it/],
  ['a missing directory', (): string => join(directory, 'missing'), /does not exist/],
  ['a file', () => join(directory, 'file'), /is not a directory/],
  [
    'a link',
    () => join(directory, 'link'),
    /goes through the link .*\/link, .*Name the directory itself: .*\/project\./,
  ],
  ['a path with a link in it', () => join(directory, 'way', 'project'), /goes through the link .*\/way,/],
  ['a loop', () => join(directory, 'loop'), /loop of symbolic links/],
  ['the directory of a socket', () => '/run', /holds the socket .*root on this machine/],
  ['the directory of the socket in DOCKER_HOST', () => join(directory, 'daemon'), /holds the socket/],
] as const satisfies readonly (readonly [string, () => string, RegExp])[])(
  '%s is refused by name',
  async (_, toPath, message) => {
    await writeFile(join(directory, 'file'), '');
    await symlink('project', join(directory, 'link'));
    await symlink('.', join(directory, 'way'));
    await symlink('loop', join(directory, 'loop'));
    await mkdir(join(directory, 'daemon'));
    const variables = { DOCKER_HOST: `unix://${join(directory, 'daemon/docker.sock')}` };
    const error = await resolveBindableDirectory(toPath(), variables).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE', message: expect.stringMatching(message) });
  },
);

test('a directory of the same name that is another one is found out, and both are left as they were', async () => {
  const other = join(directory, 'other');
  await mkdir(other);
  const workspace = createBindWorkspace({ engine, path: project });
  const environment = await engine.startEnvironment({ sessionId: 'x', workspace: { type: 'bind', hostPath: other } });
  await expect(workspace.push(environment)).rejects.toMatchObject({
    code: 'RECAC_WORKSPACE_UNAVAILABLE',
    details: { reason: 'NotTheSame' },
  });
  expect([await readdir(project), await readdir(other)]).toEqual([[], []]);
});

/** root is denied nothing, so it asks as somebody else. */
const asOther = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
const shells = [['dash'], ['bash', '--posix'], ['busybox', 'ash']].filter(
  ([program = '', ...parameters]) => spawnSync(program, [...parameters, '-c', ':']).status === 0,
);

test.each(shells.flatMap((shell) => ['directory', 'file'].map((denied) => ({ shell, denied }))))(
  'a $denied that may not be read there, as SELinux has it, is not called another one, under $shell',
  async ({ shell, denied }) => {
    await chmod(directory, 0o755);
    const workspace = createBindWorkspace({ engine, path: project });
    const environment = await engine.startEnvironment({ sessionId: 'x', workspace: await workspace.prepare() });
    const exec = engine.exec.bind(engine);
    engine.exec = async (id, [, ...words], options) => {
      const [asked = ''] = await readdir(project);
      const path = denied === 'file' ? join(project, asked) : project;
      await chmod(path, 0o000);
      try {
        return await exec(id, [...asOther, ...shell, ...words], options);
      } finally {
        await chmod(path, 0o755);
      }
    };
    await expect(workspace.push(environment)).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_UNAVAILABLE',
      message: expect.stringMatching(/cannot be read in the environment \(.*Permission denied\).*SELinux/),
      details: { reason: 'NotReadable' },
    });
    expect(await readdir(project)).toEqual([]);
  },
);

test('the same directory is proved once, and nothing of the proof is left', async () => {
  const workspace = createBindWorkspace({ engine, path: project, name: 'host-path' });
  const environment = await engine.startEnvironment({ sessionId: 'x', workspace: await workspace.prepare() });
  expect(await workspace.push(environment)).toMatchObject({ changed: 0, conflicts: [] });
  await engine.stopEnvironment(environment.id);
  // The second push asks nobody.
  expect(await workspace.push(environment)).toMatchObject({ changed: 0 });
  expect(await readdir(project)).toEqual([]);
});
