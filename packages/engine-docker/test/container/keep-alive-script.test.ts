import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { readLine } from '@recac/engine-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepAliveScript } from '../../src/container/keep-alive-script.ts';

let directory: string;
let state: string;
let workspace: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-keep-alive-'));
  await chmod(directory, 0o755);
  [state, workspace] = [join(directory, 'tmp/state'), join(directory, 'workspace')];
  for (const name of ['tmp', 'workspace']) await mkdir(join(directory, name), { mode: 0o755 });
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** As a user who owns none of it; without root that is nobody. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

/** Runs it, with `cat` as the first process, until that has echoed a line. Gives what came before; `onLine` may repair. */
async function run(shell: readonly string[], onLine: (line: string) => Promise<string>): Promise<readonly string[]> {
  const [program = '', ...rest] = shell;
  const argv = [...rest, '-c', keepAliveScript, 'recac', state, '0', workspace, 'cat'];
  const child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'ignore'], detached: true, ...nobody });
  const lines: string[] = [];
  try {
    for (;;) {
      const line = await readLine(child.stdout, AbortSignal.timeout(20_000));
      if (line === undefined || line === 'through cat') return lines;
      lines.push(line);
      child.stdin.write(await onLine(line));
    }
  } finally {
    process.kill(-Number(child.pid), 'SIGKILL');
  }
}

test.skipIf(!nobody).each([['dash'], ['bash'], ['busybox', 'sh']])(
  'the main process asks for what root has to repair, and the first process has its streams (%s)',
  async (...shell) => {
    const said = await run(shell, async (line) => {
      if (line === 'fix') {
        await chmod(join(directory, 'tmp'), 0o1777);
        return 'again\n';
      }
      return line === 'ok' ? 'through cat\n' : '';
    });
    expect(said).toEqual(['fix', 'fix workspace', 'ok']);
    await chmod(workspace, 0o1777);
    await writeFile(join(workspace, 'file'), '');
    const again = await run(shell, async (line) => (line === 'ok' ? 'through cat\n' : ''));
    expect(again).toEqual(['ok']);
  },
);
