import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TransferReport } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { keepInStep } from '../src/index.ts';

const nothing: TransferReport = { changed: 0, removed: 0, bytes: 0, conflicts: [], skipped: [] };

// No issue number: a review found that nothing moved, in either direction, while a file such as a log was written.
test('a file that is written all the time stops neither direction', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'recac-step-'));
  const stopped = new AbortController();
  const moves: string[] = [];
  const told = async (move: string): Promise<TransferReport> => {
    moves.push(move);
    return nothing;
  };
  const watching = keepInStep({
    directory,
    signal: stopped.signal,
    pullEveryMs: 300,
    push: (paths) => told(paths?.includes('log') ? 'push log' : 'push'),
    pull: () => told('pull'),
  });
  const writing = (async () => {
    for (let count = 0; !stopped.signal.aborted; count += 1) {
      // At once, so that a busy machine makes no quiet moment.
      writeFileSync(join(directory, 'log'), String(count));
      await pause(5);
    }
  })();
  await expect
    .poll(() => [moves.includes('push log'), moves.filter((move) => move === 'pull').length >= 3], { timeout: 10_000 })
    .toEqual([true, true]);
  stopped.abort();
  await Promise.all([watching, writing]);
  await rm(directory, { recursive: true, force: true });
}, 30_000);
