import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { keepAliveEnds, keepAliveScript } from '../../src/job/keep-alive-script.ts';

const directory = mkdtempSync(join(tmpdir(), 'recac-keep-alive-'));
afterAll(() => rmSync(directory, { recursive: true }));

const shells = [['sh'], ['bash'], ['busybox', 'sh']].filter(
  ([program = '']) => spawnSync(program, ['-c', ':'].slice(program === 'busybox' ? 2 : 0)).status === 0,
);

describe.each(shells)('the main process under %s %s', (program = '', ...rest) => {
  const run = (lease: string, workspace: string) =>
    spawn(
      program,
      [...rest.filter((part) => part !== undefined), '-c', keepAliveScript, 'recac', directory, lease, workspace],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true,
      },
    );

  test('ends well when its lease runs out, and says so', async () => {
    const child = run('1', directory);
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += String(chunk);
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(keepAliveEnds.leaseExpired.exitCode);
    expect(text).toContain(keepAliveEnds.leaseExpired.message);
  });

  test('refuses a workspace that it cannot write', async () => {
    const [code] = await once(run('0', join(directory, 'missing')), 'close');
    expect(code).toBe(keepAliveEnds.workspaceNotWritable.exitCode);
  });

  test.each(['0', '60'])('ends at SIGTERM, lease %s', async (lease) => {
    const child = run(lease, '');
    const ended = once(child, 'exit');
    const timer = setInterval(() => child.kill('SIGTERM'), 50);
    const [code, signal] = await ended;
    clearInterval(timer);
    endGroup(child.pid ?? 0);
    child.stderr.destroy();
    expect(code === 143 || signal === 'SIGTERM').toBe(true);
  });
});

/** Ends the sleeper, where there is one already: as in a container, only the end of process 1 takes it along. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
