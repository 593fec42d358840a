import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withTurn } from '../src/with-turn.ts';

// A file system without hard links cannot be mounted everywhere: Linux says EPERM on exFAT, and ENOTSUP over SMB.
const refusal = vi.hoisted(() => ({ code: 'EPERM' }));
vi.mock(import('node:fs/promises'), async (load) => ({
  ...(await load()),
  link: async () => {
    throw Object.assign(new Error('no hard links here'), refusal);
  },
}));

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-turn-'));
  path = join(directory, 'turn');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

// No issue numbers: a review found these.
test.each(['EPERM', 'ENOTSUP', 'ENOSYS'])('where link says %s turns are taken one after the other', async (code) => {
  refusal.code = code;
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await pause(20);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withTurn(path, work)));
  expect(most).toBe(1);
  expect(await readdir(directory)).toEqual([]);
});

test('a file that a process left before it had written into it is taken over, a new one is waited for', async () => {
  await writeFile(path, '');
  await expect(withTurn(path, async () => 'done', AbortSignal.timeout(300))).rejects.toMatchObject({
    code: 'RECAC_ABORTED',
  });
  const minuteAgo = new Date(Date.now() - 60_000);
  await utimes(path, minuteAgo, minuteAgo);
  expect(await withTurn(path, async () => 'done', AbortSignal.timeout(5_000))).toBe('done');
});

test('a file that cannot be written is named', async () => {
  await writeFile(join(directory, 'file'), '');
  await expect(withTurn(join(directory, 'file', 'turn'), async () => 'done')).rejects.toMatchObject({
    code: 'RECAC_PERMISSION_DENIED',
    message: expect.stringContaining(join(directory, 'file', 'turn')),
  });
});
