import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlLaneScript } from '../src/lane/control-lane-script.ts';

/** Field 22 of /proc/PID/stat. */
function startTimeOf(pid: number): string {
  return String(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19]);
}

test.skipIf(process.platform !== 'linux')(
  'a lane that lives and never has a position ends the look at it, and says nothing of it',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'recac-control-'));
    const lane = spawn('sleep', ['600'], { stdio: 'ignore' });
    const shell = spawn('sh', ['-c', controlLaneScript, 'recac-control', directory, directory]);
    try {
      const said: string[] = [];
      shell.stdout.on('data', (piece: Buffer) => said.push(piece.toString()));
      const ended = once(shell, 'close');
      const pid = lane.pid ?? 0;
      shell.stdin.write(`_rcpoll ${pid} ${startTimeOf(pid)} ${pid} ${startTimeOf(pid)} segment\n`);
      expect(await ended).toEqual([1, null]);
      expect(said.join('')).toBe('ready\n');
    } finally {
      shell.kill();
      lane.kill();
      rmSync(directory, { recursive: true });
    }
  },
  60_000,
);
