import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';

let world: CliWorld;
beforeEach(async () => {
  world = await createCliWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** The same backend, and nothing remembered: as another machine, or another user of it. */
const elsewhere = () => ({ environment: { XDG_STATE_HOME: join(world.directory, 'elsewhere') } });

// No issue number: a review found that the environment went with the work in it, with exit code 0.
test('a session whose work this machine cannot bring back is not stopped without --discard', async () => {
  await writeFile(join(world.project, 'file'), 'before\n');
  expect((await world.run(['start', '-q', '--name', 'theirs'])).code).toBe(0);
  await world.run(['exec', '-q', 'theirs', '-c', 'echo work >file']);
  const stopped = await world.run(['stop', '--json', 'theirs'], elsewhere());
  expect([stopped.code, stopped.stderr]).toEqual([
    1,
    expect.stringMatching(/work of theirs was not brought back.*recac cp theirs:. DIR.*recac stop --discard theirs/),
  ]);
  expect(JSON.parse(stopped.stdout)).toMatchObject([{ stopped: false, error: { details: { harvested: false } } }]);
  const all = await world.run(['stop', '--all'], elsewhere());
  expect([all.code, all.stderr]).toEqual([0, expect.stringContaining('left alone: the work of theirs')]);
  expect((await world.run(['stop', 'theirs'])).code).toBe(0);
  expect(await readFile(join(world.project, 'file'), 'utf8')).toBe('work\n');
  await world.run(['start', '-q', '--name', 'theirs']);
  expect((await world.run(['stop', '--discard', 'theirs'], elsewhere())).code).toBe(0);
  expect(await world.list()).toEqual([]);
});

test('one without carried work is stopped from anywhere, and so is one that a program started without a session', async () => {
  await world.run(['start', '-q', '--name', 'empty', '--sync', 'none']);
  await using engine = createLocalEngine({ stateDirectory: world.environment.RECAC_LOCAL_STATE_DIRECTORY ?? '' });
  await engine.startEnvironment({ sessionId: 'engine-alone' });
  expect((await world.run(['stop', 'empty', 'engine-alone'], elsewhere())).code).toBe(0);
  expect(await world.list()).toEqual([]);
});

test('equal names at two engines are two sessions: each brings back its own work', async () => {
  await writeFile(join(world.project, 'file'), 'before\n');
  const other = { environment: { RECAC_LOCAL_STATE_DIRECTORY: join(world.directory, 'other-engine') } };
  await world.run(['start', '-q', '--name', 'twin']);
  expect((await world.run(['start', '-q', '--name', 'twin'], other)).code).toBe(0);
  await world.run(['exec', '-q', 'twin', '-c', 'echo one >one']);
  await world.run(['exec', '-q', 'twin', '-c', 'echo two >two'], other);
  expect((await world.run(['stop', 'twin'], other)).stderr).toContain('1 change brought back');
  expect((await world.run(['stop', 'twin'])).stderr).toContain('1 change brought back');
  expect(await readFile(join(world.project, 'one'), 'utf8')).toBe('one\n');
});
