import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerEngine } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSession, type Session } from '../src/index.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

let world: SessionWorld;
beforeEach(async () => {
  world = await createSessionWorld();
});
afterEach(async () => {
  expect(await world.engine.listEnvironments()).toEqual([]);
  expect(await world.engine.listKeptWorkspaces()).toEqual([]);
  await world[Symbol.asyncDispose]();
});

/** A session whose lease has ended, and whose work could not be brought back out of the environment that was started over its kept workspace. */
async function failAfterRevival(): Promise<{ readonly session: Session; restore(): Promise<void> }> {
  const { config, project, directory } = world;
  const first = createLocalEngine({ stateDirectory: join(directory, 'state') });
  let connected: ContainerEngine = first;
  const engine = new Proxy(first, {
    get: (_, name) => {
      const value = Reflect.get(connected, name, connected) as unknown;
      return typeof value === 'function' ? value.bind(connected) : value;
    },
  });
  await writeFile(join(project, 'list'), '1\n');
  const session = await openSession({
    config: { ...config, session: { ...config.session, leaseMs: 5_000 } },
    engine,
    strategy: 'upload',
  });
  await session.run(['sh', '-c', 'echo 2 >>list']);
  await first.close();
  connected = world.engine;
  await expect.poll(() => connected.listEnvironments(), { timeout: 60_000, interval: 200 }).toEqual([]);
  await rename(project, `${project}-away`);
  await expect(session.stop()).rejects.toMatchObject({ details: { harvested: false } });
  expect(await connected.listEnvironments()).toHaveLength(1);
  return { session, restore: () => rename(`${project}-away`, project) };
}

// No issue number: a review found that both acted on the environment that had ended.
test('a stop whose work did not come back out of a revived environment can be tried again', async () => {
  const { session, restore } = await failAfterRevival();
  await restore();
  await session.stop();
  expect(await readdir(world.project)).toEqual(['list']);
  expect(await readFile(join(world.project, 'list'), 'utf8')).toBe('1\n2\n');
}, 90_000);

test('work that did not come back out of a revived environment can be given up', async () => {
  const { session, restore } = await failAfterRevival();
  await session.stop({ discard: true });
  await restore();
}, 90_000);
