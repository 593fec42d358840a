import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerEngine, Environment, WorkspaceStrategy } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createUploadWorkspace } from '../src/index.ts';
import { receiveScript } from '../src/upload/receive-script.ts';
import { createWorkspaceWorld, type WorkspaceWorld } from './workspace-world.ts';

let world: WorkspaceWorld;
let engine: ContainerEngine;
let environment: Environment;
let workspace: WorkspaceStrategy;
const path = process.env.PATH;
beforeEach(async () => {
  world = await createWorkspaceWorld();
  const programs = join(world.directory, 'programs');
  const mv = execFileSync('sh', ['-c', 'command -v mv']).toString().trim();
  await mkdir(programs);
  await writeFile(
    join(programs, 'mv'),
    `#!/bin/sh\n${mv} "$@" || exit\n[ ! -e ../formats ] || echo formatted >>text\n`,
    {
      mode: 0o755,
    },
  );
  process.env.PATH = `${programs}:${path}`;
  engine = createLocalEngine({ stateDirectory: join(world.directory, 'state') });
  environment = await engine.startEnvironment({ sessionId: 'meanwhile' });
  workspace = createUploadWorkspace({ engine, path: world.project, toBasePath: () => join(world.directory, 'base') });
});
afterEach(async () => {
  process.env.PATH = path;
  await engine.close();
  await world[Symbol.asyncDispose]();
});

const inside = async (script: string): Promise<string> =>
  (await engine.exec(environment.id, ['sh', '-c', script])).stdout;

const names = Array.from({ length: 12 }, (_, number) => `file ${number}`);
const writeAll = async (content: string): Promise<void> => {
  for (const name of names) await writeFile(join(world.project, name), content);
};

test.each([0, 300_000])(
  'what the session changes while a large push of %i bytes more travels stays, and the rest arrives',
  async (more) => {
    await writeAll('1\n');
    await writeFile(join(world.project, 'gone'), '1\n');
    await workspace.push(environment);
    await writeAll(`2\n${'x'.repeat(more)}`);
    await writeFile(join(world.project, 'new'), 'mine\n');
    await rm(join(world.project, 'gone'));
    const edits = ['echo theirs >"file 3"', 'echo theirs >new; echo theirs >gone'];
    const exec = engine.exec.bind(engine);
    engine.exec = async (id, command, options) => {
      const edit = command[2] === receiveScript ? edits.shift() : undefined;
      if (edit !== undefined) await inside(edit);
      return exec(id, command, options);
    };
    const report = await workspace.push(environment);
    expect(edits).toEqual([]);
    expect(report).toMatchObject({ changed: 11, removed: 0 });
    expect(report.conflicts.toSorted()).toEqual(['file 3', 'gone', 'new']);
    expect(await inside('cat "file 3" new gone; head -n 1 "file 4"; ls -A | wc -l')).toMatch(
      /^theirs\ntheirs\ntheirs\n2\n\s*14\n$/,
    );
  },
);

/** A push that arrives, of which this machine never hears. */
async function pushInVain(): Promise<void> {
  const exec = engine.exec.bind(engine);
  engine.exec = async (id, command, options) => {
    const result = await exec(id, command, options);
    if (command[2] !== receiveScript) return result;
    engine.exec = exec;
    throw new Error('the answer was lost');
  };
  await expect(workspace.push(environment)).rejects.toThrow('the answer was lost');
}

test('files whose push was never heard of are no conflict when the work is brought back, whatever the umask and however large', async () => {
  await writeAll('1\n');
  await workspace.push(environment);
  await chmod(join(world.project, 'file 0'), 0o664);
  await writeFile(join(world.project, 'file 1'), '2\n');
  await chmod(join(world.project, 'file 1'), 0o775);
  await truncate(join(world.project, 'file 2'), 65 * 1_048_576);
  await writeFile(join(world.project, 'file 3'), 'x'.repeat(1_500_000));
  await pushInVain();
  await inside(`printf 'y' | dd of='file 3' bs=1 seek=1400000 conv=notrunc 2>/dev/null`);
  expect(await workspace.harvest(environment)).toMatchObject({ conflicts: ['file 3'] });
  expect((await readdir(world.project)).toSorted()).toEqual([...names, 'file 3.recac-meanwhile'].toSorted());
});

test.each([1, 12])('a push of %i files whose answer was lost is no conflict for the next one', async (count) => {
  await writeAll('1\n');
  await writeFile(join(world.project, 'gone'), '1\n');
  await workspace.push(environment);
  for (const name of names.slice(0, count)) await writeFile(join(world.project, name), '2\n');
  await rm(join(world.project, 'gone'));
  await pushInVain();
  await inside('echo theirs >"file 11"');
  const conflicts = count === 1 ? [] : ['file 11'];
  expect(await workspace.push(environment)).toMatchObject({ changed: 0, removed: 0, conflicts });
  await writeFile(join(world.project, 'file 0'), '3\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts });
  expect(await inside('cat "file 0" "file 11"')).toBe('3\ntheirs\n');
});

test('what the session makes of a file as soon as it has arrived comes with the next pull', async () => {
  await writeFile(join(world.project, 'text'), '1\n');
  await workspace.push(environment);
  await inside(': >../formats');
  await writeFile(join(world.project, 'text'), '2\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 1, conflicts: [] });
  await inside('rm ../formats');
  expect(await workspace.pull(environment)).toMatchObject({ changed: 1, conflicts: [] });
  expect(await readFile(join(world.project, 'text'), 'utf8')).toBe('2\nformatted\n');
  expect(await workspace.push(environment)).toMatchObject({ changed: 0 });
});
