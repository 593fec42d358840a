import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withTurn } from '../src/with-turn.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-turn-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

// No issue number: a review found that such a file was waited for without end.
test.runIf(process.platform === 'linux')('a turn whose process id another process has now is taken over', async () => {
  const path = join(directory, 'turn');
  const other = spawn('sleep', ['60']);
  try {
    let ours = '';
    await withTurn(path, async () => {
      ours = await readFile(path, 'utf8');
    });
    await writeFile(path, ours.replace(String(process.pid), String(other.pid)));
    expect(await withTurn(path, async () => 'done', AbortSignal.timeout(5_000))).toBe('done');
  } finally {
    other.kill();
  }
});
