import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { stagePrefix } from '../src/stage-prefix.ts';
import { createStage } from '../src/upload/create-stage.ts';

// No issue number: a review found that a process of another machine which shares the directory counts as dead.
test('a stage that was left is removed; one of another machine only when it is old', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'recac-stages-'));
  try {
    const own = await createStage(directory);
    const name = own.slice(join(directory, stagePrefix).length);
    const { pid: dead } = spawnSync('true');
    const left = `${stagePrefix}${name.replace(String(process.pid), String(dead))}`;
    const [fresh, old] = ['fresh', 'old'].map((word) => `${stagePrefix}${dead}-00000000-${word}`) as [string, string];
    for (const made of [left, fresh, old, `${stagePrefix}x`]) await mkdir(join(directory, made));
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3_600_000);
    await utimes(join(directory, old), twoDaysAgo, twoDaysAgo);
    const next = await createStage(directory);
    const stays = [own, next, join(directory, fresh), join(directory, `${stagePrefix}x`)];
    expect((await readdir(directory)).map((entry) => join(directory, entry)).toSorted()).toEqual(stays.toSorted());
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
