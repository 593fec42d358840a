import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecHandle } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSession, type Session, stopSession } from '../src/index.ts';
import { createSessionWorld, type SessionWorld } from './session-world.ts';

let world: SessionWorld;
beforeEach(async () => {
  world = await createSessionWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const open = (): Promise<Session> =>
  openSession({ config: world.config, engine: world.engine, name: 'busy', strategy: 'upload' });

/** An agent that writes until it is told to end, and saves then. */
async function startAgent(session: Session): Promise<ExecHandle> {
  const script = 'trap "echo saved >saved; exit 7" TERM; echo ready; while :; do date >>steps; sleep 0.02; done';
  const handle = await session.spawn(['sh', '-c', script]);
  for await (const _ of handle.stdout) break;
  return handle;
}

test.each(['session', 'name'])(
  'an agent that still runs is ended before its work is brought back, by %s',
  async (by) => {
    const session = await open();
    const agent = await startAgent(session);
    if (by === 'session') await session.stop({ killGraceMs: 30_000 });
    else expect(await stopSession(world.engine, 'busy', { killGraceMs: 30_000 })).toMatchObject({ stopped: true });
    expect(await agent.wait()).toMatchObject({ outcome: { type: 'cancelled' }, exitCode: 130 });
    expect(await readFile(join(world.project, 'saved'), 'utf8')).toBe('saved\n');
    if (by === 'name') await session.stop();
  },
);

/** An agent that takes as many seconds to save. */
async function startSlowAgent(session: Session, seconds: number): Promise<void> {
  const script = `trap "sleep ${seconds}; echo saved >saved; exit" TERM; echo ready; while :; do sleep 0.02; done`;
  const agent = await session.spawn(['sh', '-c', script]);
  for await (const _ of agent.stdout) break;
}

test('one that saves within its grace is let save, also where that is longer than by default', async () => {
  const session = await open();
  await startSlowAgent(session, 6);
  await stopSession(world.engine, 'busy', { killGraceMs: 60_000 });
  expect(await readFile(join(world.project, 'saved'), 'utf8')).toBe('saved\n');
  await session.stop();
}, 90_000);

test('one that takes longer than its grace to save is killed', async () => {
  const session = await open();
  await startSlowAgent(session, 60);
  await stopSession(world.engine, 'busy', { killGraceMs: 100 });
  await expect(readFile(join(world.project, 'saved'))).rejects.toThrow('ENOENT');
  await session.stop();
}, 50_000);

test('a transfer under way is left to end, not killed', async () => {
  const session = await open();
  const transfer = ['/bin/sh', '-c', 'sleep 0.5; echo whole >moved', 'recac', 'a parameter'];
  const moving = await session.spawn(transfer);
  const deaf = await session.spawn(['sh', '-c', 'trap "" TERM; while :; do sleep 0.02; done']);
  await session.stop();
  expect((await deaf.wait()).outcome.type).toBe('cancelled');
  expect((await moving.wait()).outcome.type).not.toBe('cancelled');
});

test('one that is given up is not waited for', async () => {
  const session = await open();
  const agent = await startAgent(session);
  await session.stop({ discard: true });
  expect((await agent.wait()).outcome.type).toBe('lost');
  await expect(readFile(join(world.project, 'saved'))).rejects.toThrow('ENOENT');
});
