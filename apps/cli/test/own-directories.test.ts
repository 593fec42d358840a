import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';

// No issue number: a review found that each was called a defect of recac, and only once the work was done.
let world: CliWorld;
beforeAll(async () => {
  world = await createCliWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const nowhere = { HOME: '/dev/null', XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' };

test('a session that could not be remembered is not started', async () => {
  const { code, stdout, stderr } = await world.run(['run', '-c', 'touch was-here'], { environment: nowhere });
  expect({ code, stdout }).toEqual({ code: 125, stdout: '' });
  expect(stderr).toContain('XDG_STATE_HOME');
  expect(stderr).toContain('/dev/null/.local/state/recac');
  expect(stderr).toContain('(RECAC_PERMISSION_DENIED)');
  expect(stderr).not.toContain('session ');
  await expect(access(join(world.project, 'was-here'))).rejects.toThrow('ENOENT');
});

test('a file that could not be trusted is not written', async () => {
  const { code, stderr } = await world.run(['config', 'init'], { environment: nowhere });
  expect(code).toBe(1);
  expect(stderr).toContain('XDG_CONFIG_HOME');
  expect(stderr).toContain('(RECAC_PERMISSION_DENIED)');
  await expect(access(join(world.project, 'recac.yaml'))).rejects.toThrow('ENOENT');
});
