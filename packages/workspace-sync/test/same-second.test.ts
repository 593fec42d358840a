import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSnapshot } from '../src/git/create-snapshot.ts';
import { sendPackScript } from '../src/git/send-pack-script.ts';

let directory: string;
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...words], {
    cwd: directory,
  }).toString();
const untilNextSecond = (): Promise<unknown> => delay(1_010 - (Date.now() % 1_000));

/** A file that is committed and changed, with as many bytes, all within one second, as a fast program does. The look at it comes in a later one. */
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'recac-second-')));
  git('init', '-q');
  for (let second = -1; second !== Math.floor(Date.now() / 1_000); ) {
    await untilNextSecond();
    second = Math.floor(Date.now() / 1_000);
    await writeFile(join(directory, 'file'), 'first');
    git('add', 'file');
    git('commit', '-q', '--allow-empty', '-m', 'first');
    await writeFile(join(directory, 'file'), 'later');
  }
  await untilNextSecond();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('what was changed in the second of the last commit is in a snapshot', async () => {
  const { commit } = await createSnapshot({ directory }, { message: 'snapshot' });
  expect(git('show', `${commit}:file`)).toBe('later');
});

test('what was changed in the second of the last commit comes back from an environment', () => {
  const said = execFileSync('sh', ['-c', sendPackScript, 'recac', directory, '']);
  const [, work] = said.subarray(0, said.indexOf('\n')).toString().split(' ');
  expect(git('show', `${work}:file`)).toBe('later');
});
