import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerEngine, Environment, ExecResult } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchWork } from '../src/git/fetch-work.ts';
import { git } from './git-daemon.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(`${tmpdir()}/recac-fetch-`);
  git(directory, 'init', '-q');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** An engine whose environment sends what it is told to, over and over, or nothing, until it is ended. */
function endlessEngine(first: string, then?: string): ContainerEngine {
  const exec: ContainerEngine['exec'] = async (_id, _command, { onStdout, signal } = {}) => {
    await onStdout?.(Buffer.from(first, 'latin1'));
    while (signal?.aborted !== true) {
      if (then === undefined) await pause(5);
      else await onStdout?.(Buffer.from(then));
    }
    return { exitCode: 137, outcome: { type: 'cancelled' }, stdout: '', stderr: '' } as unknown as ExecResult;
  };
  return { backend: 'fake', exec } as unknown as ContainerEngine;
}

const object = 'a'.repeat(40);
const emptyPack = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex').toString(
  'latin1',
);
const name = `${'n'.repeat(500_000)}\0`;
test.each([
  ['a first line that names nothing', 'none at all\n', 'x'.repeat(1_000), /names an object that is none/],
  ['no end of the first line', '', 'x'.repeat(100_000), /sent no work/],
  ['no end of repositories inside', `${object} ${object}\n`, name, /sent no work/],
  ['nothing', '', undefined, /sent nothing of its work/],
  ['nothing after the beginning', `${object} ${object}\n\0\0PACK`, undefined, /sent nothing of its work/],
  ['no end of a pack that is none', `${object} ${object}\n\0\0`, 'x'.repeat(1_000), /git index-pack failed/],
  [
    'a pack that is none, and then nothing',
    `${object} ${object}\n\0\0${'x'.repeat(20)}`,
    undefined,
    /git index-pack failed/,
    10_000,
  ],
  [
    'no end after its pack',
    `${object} ${object}\n\0\0${emptyPack}`,
    'x'.repeat(1_000),
    /git index-pack failed|sent more than its work/,
  ],
])(
  'an environment that sends %s is given up',
  async (_, first, then, message, silenceMs = 500) => {
    const environment = { id: 'x', sessionId: 'x', workspacePath: '/w' } as unknown as Environment;
    const ends = { repository: { directory }, engine: endlessEngine(first, then), environment };
    await expect(fetchWork(ends, { include: [], have: [], silenceMs })).rejects.toMatchObject({
      code: 'RECAC_WORKSPACE_GIT_FAILED',
      message: expect.stringMatching(message),
    });
  },
  40_000,
);
