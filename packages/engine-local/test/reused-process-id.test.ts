import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLocalEngine } from '../src/index.ts';
import { isAlive, withEnvironment } from './with-environment.ts';

test('a process that has the recorded id but not the recorded start time is never signalled', async () => {
  const bystander = spawn('sleep', ['60'], { detached: true });
  const pid = bystander.pid as number;
  try {
    await withEnvironment(async ({ engine, id, records, stateDirectory }) => {
      const { execId } = await engine.spawn(id, ['sleep', '60']);
      const log = join(records, `${execId.split('-').slice(0, 2).join('-')}.log`);
      const [number, kind, , start, , laneStart, ...bases] = readFileSync(log, 'utf8').trim().split(' ');
      writeFileSync(log, `${[number, kind, pid, start, pid, laneStart, ...bases].join(' ')}\n`);
      await using other = createLocalEngine({ stateDirectory });
      const handle = await other.attachExec(id, execId);
      await handle.signal('SIGKILL');
      await handle.signal('SIGUSR1');
      await setTimeout(200);
      await handle.cancel();
      expect(isAlive(pid)).toBe(true);
      expect((await handle.wait()).outcome.type).not.toBe('exited');
    });
    expect(isAlive(pid)).toBe(true);
  } finally {
    bystander.kill('SIGKILL');
  }
});
