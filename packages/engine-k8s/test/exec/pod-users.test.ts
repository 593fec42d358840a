import { execFile } from 'node:child_process';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RecacError } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { PodUsers, type RunSource } from '../../src/exec/pod-users.ts';

const me = String(process.getuid?.());
const never = new AbortController().signal;

/** Runs shell source on this machine, and takes a moment for it. */
const runSlowly: RunSource = async (source, signal) => {
  await delay(300, undefined, { signal });
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', String(source)], { signal });
  return { stdout, stderr, exit: { type: 'exited', code: 0 } };
};

test('a caller who gives up while the users are read fails alone: others who wait for the same get their answer', async () => {
  const users = new PodUsers(runSlowly);
  const giveUp = new AbortController();
  const first = users.find(me, giveUp.signal).catch((error: unknown) => error);
  const others = [users.find(me, never), users.find(`${me}:${process.getgid?.()}`, never)];
  giveUp.abort();
  const error = await first;
  expect(RecacError.isInstance(error) && error.code).toBe('RECAC_ABORTED');
  expect(await Promise.all(others)).toEqual([undefined, undefined]);
});

test('a lookup that failed is tried again by the next caller', async () => {
  let runs = 0;
  const users = new PodUsers(async (source, signal) => {
    runs += 1;
    if (runs === 1) throw new RecacError('RECAC_EXEC_FAILED', 'the line broke. Try again.');
    return runSlowly(source, signal);
  });
  await expect(users.find(me, never)).rejects.toMatchObject({ code: 'RECAC_EXEC_FAILED' });
  expect(await users.find(me, never)).toBe(undefined);
});
