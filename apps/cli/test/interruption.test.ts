import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await createCliWorld();
});
afterEach(async () => {
  expect(await world.list()).toEqual([]);
});
afterAll(() => world[Symbol.asyncDispose]());

describe('run', () => {
  test.each([
    ['SIGINT', 130, 'INT'],
    ['SIGTERM', 143, 'TERM'],
    ['SIGHUP', 129, 'HUP'],
  ] as const)('%s is passed on, what the command still says arrives, exit %i', async (signal, code, name) => {
    const script = `trap 'echo cleaned up; exit 9' ${name}; echo begun; while :; do sleep 0.1; done`;
    const running = world.start(['run', '-c', script]);
    await running.waitFor('begun');
    running.child.kill(signal);
    expect(await running.finished).toMatchObject({ code, stdout: 'begun\ncleaned up\n' });
  });

  test('a command that ignores Ctrl-C is ended after the grace', async () => {
    const running = world.start([
      'run',
      '--kill-grace',
      '300ms',
      '-c',
      "trap '' INT TERM; echo begun; while :; do sleep 0.1; done",
    ]);
    await running.waitFor('begun');
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ code: 130 });
  });

  test('a second Ctrl-C does not wait', async () => {
    const running = world.start([
      'run',
      '--kill-grace',
      '60s',
      '-c',
      "trap '' INT TERM HUP; echo begun; while :; do sleep 0.1; done",
    ]);
    await running.waitFor('begun');
    running.child.kill('SIGINT');
    await delay(300);
    const at = performance.now();
    running.child.kill('SIGINT');
    const result = await running.finished;
    expect(result.code).toBe(130);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(performance.now() - at).toBeLessThan(6_000);
  });

  test('--json says that it was cut short', async () => {
    const running = world.start(['run', '--json', '--name', 'cut', '-c', 'sleep 60']);
    await running.waitFor('session cut');
    await delay(300);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toHaveProperty('outcome');
  });

  // No issue number: a review found that these ended without a word.
  test.each([
    ['a second Ctrl-C', 'a while after', 1],
    ['a third', 'at', 2],
  ])('%s ends recac %s it in mid-harvest, and says what stays and what to do', async (_text, _when, more) => {
    const running = world.start(['run', '--json', '--name', 'held', '--kill-grace', '60s', '-c', 'sleep 60']);
    await running.waitFor('session held');
    const busy = "trap '' TERM; echo busy; while :; do sleep 0.1; done";
    const { stdout: execId } = await world.run(['spawn', 'held', '-c', busy]);
    running.child.kill('SIGINT');
    for (let sent = 0; sent < more; sent += 1) {
      await delay(1_000);
      running.child.kill('SIGINT');
    }
    const { code, stdout, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toContain('recac stop held');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'RECAC_ABORTED', details: { session: 'held' } } });
    expect((await world.run(['logs', 'held', execId.trim()])).stdout).toBe('busy\n');
    await world.run(['stop', '-q', '--discard', 'held']);
  });

  test('a command that was ended at once has its one object on stdout, too', async () => {
    const script = "trap '' INT TERM HUP; echo begun; while :; do sleep 0.1; done";
    const running = world.start(['run', '--json', '--name', 'hard', '--kill-grace', '60s', '-c', script]);
    await running.waitFor('session hard');
    await delay(500);
    running.child.kill('SIGINT');
    await delay(300);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    expect(code).toBe(130);
    expect(Object.keys(JSON.parse(stdout) as object)).toContainEqual(expect.stringMatching(/^(?:error|outcome)$/));
  });

  // No issue number: a review found that its last words were waited for.
  test('a third Ctrl-C ends it at once, also when nobody reads what it says', async () => {
    const fifo = join(world.directory, 'unread');
    execFileSync('/bin/sh', ['-c', 'mkfifo "$1"', 'sh', fifo]);
    const unread = openSync(fifo, 'r+');
    const args = [...world.argv.slice(1), 'run', '--name', 'unread', '--kill-grace', '60s', '--', 'yes'];
    const child = spawn(world.argv[0] as string, args, {
      cwd: world.project,
      env: world.environment,
      stdio: ['ignore', unread, unread],
    });
    const exited = once(child, 'exit');
    try {
      await expect.poll(() => world.list(), { timeout: 30_000 }).toMatchObject([{ sessionId: 'unread' }]);
      await world.run(['spawn', 'unread', '-c', "trap '' TERM; while :; do sleep 0.1; done"]);
      for (let sent = 0; sent < 3; sent += 1) {
        child.kill('SIGINT');
        await delay(300);
      }
      expect(await Promise.race([exited, delay(20_000, 'it goes on')])).toEqual([130, null]);
    } finally {
      child.kill('SIGKILL');
      await exited;
      closeSync(unread);
      await world.run(['stop', '-q', '--discard', 'unread']);
    }
  }, 120_000);

  test('when nobody reads stdout the command ends, exit 141, no stack trace', async () => {
    const script = 'set -o pipefail; "$@" run -q --kill-grace 1s -- yes | head -n 1';
    const result = await bash(script);
    expect(result).toMatchObject({ code: 141, stdout: 'y\n', stderr: '' });
  });
});

describe('exec', () => {
  test('Ctrl-C ends the command and leaves the session', async () => {
    await world.run(['start', '-q', '--name', 'stays']);
    const running = world.start(['exec', 'stays', '-c', 'echo begun; exec sleep 60']);
    await running.waitFor('begun');
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ code: 130, stdout: 'begun\n' });
    expect(await world.list()).toMatchObject([{ sessionId: 'stays' }]);
    expect((await world.run(['stop', '-q', 'stays'])).code).toBe(0);
  });
});

test('output that cannot be written is never a success', async () => {
  const full = await bash('"$@" run -q -- echo text > /dev/full');
  expect(full.code).toBe(125);
  expect(full.stderr).toContain('stdout cannot be written (ENOSPC)');
  expect((await bash('"$@" list --json > /dev/full')).code).toBe(1);
});

test('much output into a closed pipe is silent', async () => {
  expect(await bash('set -o pipefail; "$@" run -q -c "seq 1 200000" | head -n 1')).toMatchObject({
    stdout: '1\n',
    stderr: '',
  });
});

function bash(script: string): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      '/bin/bash',
      ['-c', script, 'bash', ...world.argv],
      { cwd: world.project, env: world.environment },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}
