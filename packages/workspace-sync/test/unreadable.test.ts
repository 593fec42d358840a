import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerEngine, Environment, WorkspaceStrategy } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGitWorkspace, createUploadWorkspace } from '../src/index.ts';
import { Manifest } from '../src/manifest/manifest.ts';
import { readManifest } from '../src/manifest/read-manifest.ts';
import { fetchChanges } from '../src/upload/fetch-changes.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './workspace-world.ts';

const isThere = (program: string, ...words: readonly string[]): boolean => spawnSync(program, words).status === 0;
const bare = execFileSync('sh', ['-c', 'command -v tar']).toString().trim();
/** Root reads everything, but for one without these capabilities. */
const bounded = 'setpriv --bounding-set=-dac_override,-dac_read_search';
const prefix = process.getuid?.() === 0 ? bounded : '';
const isSkipped = prefix !== '' && !isThere('sh', '-c', `${bounded} true`);
const programs = [bare, 'busybox tar'].filter((program) => isThere('sh', '-c', `${program} --help`));

let world: WorkspaceWorld;
let engine: ContainerEngine;
let environment: Environment;
let workspace: WorkspaceStrategy;
const path = process.env.PATH;
beforeEach(async () => {
  world = await createWorkspaceWorld();
});
afterEach(async () => {
  process.env.PATH = path;
  await engine.close();
  await world[Symbol.asyncDispose]();
});

/** Starts a session whose programs are these scripts. */
async function start(scripts: Readonly<Record<string, string>>): Promise<void> {
  const directory = join(world.directory, 'programs');
  await mkdir(directory);
  for (const [name, script] of Object.entries(scripts))
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env.PATH = `${directory}:${path}`;
  engine = createLocalEngine({ stateDirectory: join(world.directory, 'state') });
  environment = await engine.startEnvironment({ sessionId: 'unreadable' });
  const toBasePath = () => join(world.directory, 'base');
  workspace = createUploadWorkspace({ engine, path: world.project, toBasePath });
  await writeFile(join(world.project, 'text'), '1\n');
  await workspace.push(environment);
}

const inside = (script: string) => engine.exec(environment.id, ['sh', '-c', script]);
const here = async () => (await readdir(world.project)).toSorted();

describe.skipIf(isSkipped).each(programs)('what %s cannot read in the environment', (program) => {
  beforeEach(() => start({ tar: `exec ${prefix} ${program} "$@"`, dd: `exec ${prefix} /bin/dd "$@"` }));

  test('fails the pull by its name, without holding up the rest, until it can be read', async () => {
    await inside('echo 2 >text; echo mine >secret; chmod 000 secret; echo new >zebra');
    for (const attempt of [() => workspace.pull(environment), () => workspace.harvest(environment)])
      await expect(attempt()).rejects.toMatchObject({
        code: 'RECAC_WORKSPACE_UNAVAILABLE',
        message: expect.stringMatching(/secret.*Permission denied.*brought back.*recac shell unreadable/),
      });
    expect(await here()).toEqual(['text', 'zebra']);
    expect(await readFile(join(world.project, 'text'), 'utf8')).toBe('2\n');
    await inside('chmod 600 secret');
    expect(await workspace.harvest(environment)).toMatchObject({ changedFiles: 1, conflicts: [] });
    expect(await readFile(join(world.project, 'secret'), 'utf8')).toBe('mine\n');
  });

  test('is named also when it is all there is', async () => {
    await inside('echo mine >secret; chmod 000 secret');
    await expect(workspace.pull(environment)).rejects.toMatchObject({ code: 'RECAC_WORKSPACE_UNAVAILABLE' });
    await inside('rm -f secret');
    expect(await workspace.pull(environment)).toMatchObject({ changed: 0, removed: 0, skipped: [] });
  });

  test('is named also when it is fetched in parts', async () => {
    await inside('echo 2 >text; head -c 3000000 /dev/zero >large; chmod 000 large');
    const entries = new Manifest();
    await readManifest(engine, environment, { visit: (child, entry) => entries.set(child, entry) });
    const ends = { engine, environment, directory: world.project };
    const target = join(world.directory, 'fetched');
    const fetched = await fetchChanges(ends, entries, { target, partBytes: 1_048_576 });
    expect(fetched.problem).toMatch(/large.*Permission denied/);
    expect(await readdir(target)).toEqual(['text']);
  });
});

test.each(programs)('what vanishes before %s reads it is no failure', async (program) => {
  await start({ tar: `rm -f gone; exec ${program} "$@"` });
  await inside('echo 2 >text; echo 1 >gone');
  expect(await workspace.pull(environment)).toMatchObject({ changed: 1, skipped: [] });
  await inside('echo 1 >gone');
  expect(await workspace.pull(environment)).toMatchObject({ changed: 0, skipped: [] });
  expect(await here()).toEqual(['text']);
});

test.each(['./text: file changed as we read it', './text: File removed before we read it'])(
  'a file that is written to while it is read is no failure: %s',
  async (words) => {
    await start({ tar: `${bare} "$@" || exit; case $1 in -cf) echo 'tar: ${words}' >&2; exit 1; esac` });
    await inside('echo 2 >text');
    expect(await workspace.pull(environment)).toMatchObject({ changed: 1 });
  },
);

describe.skipIf(isSkipped)('with git', () => {
  const git = (words: string): Buffer => execFileSync('git', words.split(' '), { cwd: world.project });

  test('what of workspace.include cannot be read fails the harvest by its name, without holding up the rest', async () => {
    const real = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
    await start({ git: `exec ${prefix} ${real} "$@"` });
    git('init -q');
    await writeFile(join(world.project, '.gitignore'), 'data\nlinks\n');
    const strategy = createGitWorkspace({ engine, path: world.project, include: ['data', 'gone', 'links'] });
    environment = await engine.startEnvironment({ sessionId: 'unread', workspace: await strategy.prepare() });
    await strategy.push(environment);
    await inside('mkdir data; echo 1 >data/one; echo 2 >data/two; chmod 000 data/one; ln -s nowhere links');
    await expect(strategy.harvest(environment)).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_UNAVAILABLE',
      message: expect.stringMatching(/data\/one.*Permission denied.*recac shell unread/s),
    });
    const list = () => git('ls-tree -r --name-only refs/recac/unread/work').toString();
    expect(list()).toBe('.gitignore\ndata/two\nlinks\ntext\n');
    await inside('chmod 600 data/one');
    await strategy.harvest(environment);
    expect(list()).toBe('.gitignore\ndata/one\ndata/two\nlinks\ntext\n');
  });
});
