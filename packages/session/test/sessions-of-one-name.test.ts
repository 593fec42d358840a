import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerEngine, Environment } from '@recac/engine-core';
import { createLocalEngine } from '@recac/engine-local';
import { applyWork, listRescuedWork } from '@recac/workspace-sync';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSession, type Session, stopSession } from '../src/index.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

let world: SessionWorld;
let other: ContainerEngine;
beforeEach(async () => {
  world = await createSessionWorld();
  other = createLocalEngine({ stateDirectory: join(world.directory, 'other-state') });
  git('init', '-q', '-b', 'main');
  await writeFile(inProject('list'), '1\n');
  git('add', '-A');
  git('-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '-qm', 'first');
});
afterEach(async () => {
  for (const { id } of await other.listEnvironments()) await other.stopEnvironment(id);
  await other.close();
  await world[Symbol.asyncDispose]();
});

const inProject = (name: string): string => join(world.project, name);
const git = (...words: readonly string[]): string => execFileSync('git', words, { cwd: world.project }).toString();

/** The same engine under the name of another backend. */
function asBackend(engine: ContainerEngine, backend: string): ContainerEngine {
  const rename = <T extends Environment>(environment: T): T => ({ ...environment, backend });
  const changed: Partial<ContainerEngine> = {
    startEnvironment: async (...call) => rename(await engine.startEnvironment(...call)),
    listEnvironments: async (...call) => (await engine.listEnvironments(...call)).map(rename),
  };
  return new Proxy(engine, {
    get: (target, name) => {
      if (name === 'backend') return backend;
      const value = Reflect.get(changed, name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const open = (engine: ContainerEngine): Promise<Session> =>
  openSession({ config: world.config, engine, name: 'fix', strategy: 'git' });

test.each(['local', 'other'])(
  'work of a session comes over what it began with, where another of its name began on %s since',
  async (backend) => {
    const first = await open(world.engine);
    await first.run(['sh', '-c', 'echo there >made']);
    await writeFile(inProject('list'), '1\nmine\n');
    await writeFile(inProject('added'), 'mine\n');
    await open(asBackend(other, backend));
    await stopSession(world.engine, 'fix');
    const { changed, conflicts } = await applyWork({ directory: world.project }, 'fix');
    expect([changed, conflicts]).toEqual([['made'], []]);
    expect([await readFile(inProject('list'), 'utf8'), await readFile(inProject('added'), 'utf8')]).toEqual([
      '1\nmine\n',
      'mine\n',
    ]);
  },
);

test('two that live at the same time keep to their own, whichever of their objects is used', async () => {
  const one = await open(world.engine);
  await writeFile(inProject('added'), 'mine\n');
  const two = await open(other);
  const list = () => git('diff', '--name-only', 'refs/recac/fix/base', 'refs/recac/fix/work').trim().split('\n');
  for (const [session, name] of [
    [one, 'one'],
    [two, 'two'],
  ] as const)
    await session.run([
      'sh',
      '-c',
      `echo ${name} >${name}; git branch ${name}/x HEAD; git stash list; git tag ${name}`,
    ]);
  for (const round of [1, 2]) {
    await one.pull();
    expect([round, list()]).toEqual([round, ['one']]);
    await two.pull();
    expect([round, list()]).toEqual([round, ['two']]);
    expect(git('for-each-ref', '--format=%(refname)', 'refs/recac/fix/tags').trim()).toBe('refs/recac/fix/tags/two');
  }
  git('pack-refs', '--all');
  await writeFile(inProject('later'), 'mine\n');
  expect((await one.push()).changed).toBe(2);
  expect((await one.run(['cat', 'later', 'added'])).stdout).toBe('mine\nmine\n');
  expect((await two.run(['ls'])).stdout).toBe('added\nlist\ntwo\n');
  // What is set aside meanwhile is said, and comes once.
  const rescued = await listRescuedWork({ directory: world.project });
  expect(rescued.map(({ reference }) => reference.replace(/[0-9a-f]{16}/, 'KEY')).sort()).toEqual([
    'refs/recac-left/fix/KEY/work',
    'refs/recac/fix/work',
  ]);
  await two.stop();
  expect(list()).toEqual(['two']);
  await one.stop();
  expect(list()).toEqual(['one']);
  expect(git('for-each-ref', 'refs/recac-left')).toBe('');
});

test('a session whose references were lost to another one asks its environment what it was sent', async () => {
  const first = await open(world.engine);
  await first.run(['sh', '-c', 'echo there >made']);
  await writeFile(inProject('added'), 'mine\n');
  await open(other);
  for (const name of git('for-each-ref', '--format=%(refname)', 'refs/recac-left').trim().split('\n'))
    git('update-ref', '-d', name);
  await first.pull();
  expect(git('diff', '--name-only', 'refs/recac/fix/base', 'refs/recac/fix/work')).toBe('made\n');
});
