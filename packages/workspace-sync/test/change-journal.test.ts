import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChangeJournal } from '../src/change-journal.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-journal-'));
  for (const path of ['a/b/c', '.git', 'old']) await mkdir(join(directory, path), { recursive: true });
  await writeFile(join(directory, 'a/b/file'), 'x');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** What a step changes, as the journal tells it. */
async function told(journal: ChangeJournal, step: () => Promise<unknown>): Promise<readonly string[] | undefined> {
  journal.take();
  await step();
  await pause(100);
  return journal.take()?.toSorted();
}

const write = (path: string | Buffer) =>
  writeFile(
    typeof path === 'string' ? join(directory, path) : Buffer.concat([Buffer.from(`${directory}/`), path]),
    'y',
  );

test('each change is told by its path, and what is never carried is not', async () => {
  using journal = new ChangeJournal(directory);
  expect(await told(journal, () => Promise.all([write('a/b/file'), write('new'), write('.git/index')]))).toEqual([
    'a/b/file',
    'new',
  ]);
  expect(await told(journal, () => rename(join(directory, 'a/b/file'), join(directory, 'old/moved')))).toEqual([
    'a/b/file',
    'old/moved',
  ]);
  expect(journal.isEmpty).toBe(true);
});

test('what happens in directories that came later, or came back, is told too', async () => {
  using journal = new ChangeJournal(directory);
  const made = await told(journal, async () => {
    await mkdir(join(directory, 'x/y'), { recursive: true });
    await write('x/y/early');
  });
  expect(made).toContain('x');
  expect(await told(journal, () => write('x/y/later'))).toEqual(['x/y/later']);
  expect(await told(journal, () => rename(join(directory, 'a'), join(directory, 'z')))).toEqual(['a', 'z']);
  expect(await told(journal, () => write('z/b/c/deep'))).toEqual(['z/b/c/deep']);
  await told(journal, () => rm(join(directory, 'x'), { recursive: true }));
  await told(journal, () => mkdir(join(directory, 'x')));
  expect(await told(journal, () => write('x/again'))).toEqual(['x/again']);
});

test('a name that is no text, or a directory that cannot be watched, makes the answer a vague one', async () => {
  using journal = new ChangeJournal(directory);
  expect(await told(journal, () => write(Buffer.from([0x61, 0xff])))).toBeUndefined();
  using nowhere = new ChangeJournal(join(directory, 'nowhere'));
  expect(nowhere.take()).toBeUndefined();
});
