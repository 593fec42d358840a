import { realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await createCliWorld();
});
afterAll(async () => {
  expect(await world.list()).toEqual([]);
  await world[Symbol.asyncDispose]();
});

describe('exit codes', () => {
  test.each([
    ['exit 0', 0],
    ['exit 1', 1],
    ['exit 42', 42],
    ['exit 255', 255],
    ['kill -KILL $$', 137],
    ['kill -TERM $$', 143],
  ])('-c %s gives %i', async (script, code) => {
    expect((await world.run(['run', '-c', script])).code).toBe(code);
  });

  test('a program that does not exist gives 127, one that cannot be run 126', async () => {
    expect((await world.run(['run', '--', 'no-such-program-here'])).code).toBe(127);
    await writeFile(join(world.project, 'plain.txt'), 'text');
    expect((await world.run(['run', '--', './plain.txt'])).code).toBe(126);
  });

  test('a time limit gives 124 and says which', async () => {
    const total = await world.run(['run', '--timeout', '300ms', '--', 'sleep', '60']);
    expect(total).toMatchObject({ code: 124, stdout: '' });
    expect(total.stderr).toContain('time limit of 300 ms');
    const idle = await world.run(['run', '--idle-timeout', '300ms', '-c', 'echo begun; sleep 60']);
    expect(idle).toMatchObject({ code: 124, stdout: 'begun\n' });
    expect(idle.stderr).toContain('wrote nothing for 300 ms');
  });
});

describe('streams', () => {
  test('stdout and stderr are the command’s; ours is on stderr and silent with --quiet', async () => {
    const loud = await world.run(['run', '--name', 'loud', '-c', 'echo out; echo err >&2']);
    expect(loud.stdout).toBe('out\n');
    expect(loud.stderr).toContain('err\n');
    expect(loud.stderr).toContain('session loud');
    expect(loud.stderr).toContain('isolates nothing');
    expect(await world.run(['run', '--quiet', '-c', 'echo out; echo err >&2'])).toMatchObject({
      code: 0,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('binary output passes as it is', async () => {
    const { stdoutData } = await world.run(['run', '-q', '-c', "printf '\\000\\033[31m\\377\\200'"]);
    expect([...stdoutData]).toEqual([0, 27, 91, 51, 49, 109, 255, 128]);
  });

  test('stdin is empty, and ours with -i', async () => {
    expect(await world.run(['run', '-q', '--', 'cat'], { stdin: 'not for it' })).toMatchObject({ code: 0, stdout: '' });
    const binary = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
    const result = await world.run(['run', '-q', '-i', '--', 'cat'], { stdin: binary });
    expect(result.code).toBe(0);
    expect(result.stdoutData.equals(binary)).toBe(true);
  });

  test('a command that ends before its input does not hang', async () => {
    expect(
      await world.run(['run', '-q', '-i', '--', 'head', '-c', '3'], { stdin: 'x'.repeat(5_000_000) }),
    ).toMatchObject({ code: 0, stdout: 'xxx' });
  });
});

describe('the command line', () => {
  test('everything after the command belongs to it, with and without --', async () => {
    const echo = ['printf', '<%s>', '--name', '-x', '--', '', 'a b', '$HOME', '*', 'é\n\u001b[1m', '😀'];
    const expected = '<--name><-x><--><><a b><$HOME><*><é\n\u001b[1m><😀>';
    expect((await world.run(['run', '-q', '--', ...echo])).stdout).toBe(expected);
    expect((await world.run(['run', '-q', ...echo])).stdout).toBe(expected);
  });

  test('bytes that are no UTF-8 arrive', async () => {
    const script = `exec "$@" run -q -- printf %s "$(printf 'a\\377b')"`;
    const bytes = await runThroughShell(script);
    expect([...bytes]).toEqual([97, 255, 98]);
  });

  test('-c runs under bash where there is one', async () => {
    expect((await world.run(['run', '-q', '-c', 'a=(x y); IFS=-; echo "$#" "$BASH"'])).stdout).toBe('0 /bin/bash\n');
  });

  test('variables come from --env, files and here', async () => {
    await writeFile(join(world.project, 'vars.env'), '\ufeff# comment\r\nFROM_FILE=a b="c"\r\n\r\nBOTH=file\nCOPIED\n');
    const args = [
      'run',
      '-q',
      '--env-file',
      'vars.env',
      '-e',
      'BOTH=flag',
      '--env',
      'EMPTY=',
      '--env',
      'HERE',
      '-e',
      'LINES=1\n2',
    ];
    const script = 'printf "<%s>" "$FROM_FILE" "$BOTH" "$EMPTY" "$HERE" "$LINES" "$COPIED"';
    const result = await world.run([...args, '-c', script], { environment: { HERE: 'here', COPIED: 'copied' } });
    expect(result.stdout).toBe('<a b="c"><flag><><here><1\n2><copied>');
  });

  test('the workspace is where it runs', async () => {
    expect((await world.run(['run', '-q', '--sync', 'bind', '--', 'pwd', '-P'])).stdout.trim()).toBe(
      await realpath(world.project),
    );
    expect((await world.run(['run', '-q', '--workdir', '/', '--', 'pwd'])).stdout).toBe('/\n');
    await world.run(['run', '-q', '-c', 'echo kept > made-inside']);
    expect((await world.run(['run', '-q', '--', 'cat', 'made-inside'])).stdout).toBe('kept\n');
    expect((await world.run(['run', '-q', '--sync', 'none', '--', 'ls'])).stdout).toBe('');
  });
});

describe('--json', () => {
  test('one object with the output in it', async () => {
    const result = await world.run(['run', '--json', '--name', 'as-json', '-c', 'echo out; echo err >&2; exit 3']);
    expect(result.code).toBe(3);
    expect(result.stderr).not.toContain('err\n');
    expect(JSON.parse(result.stdout)).toMatchObject({
      session: 'as-json',
      backend: 'local',
      strategy: 'upload',
      work: { changedFiles: 0 },
      outcome: { type: 'exited', code: 3 },
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      stdoutBytes: 4,
      truncated: false,
    });
  });

  test('bytes that are no UTF-8 come as base64 too', async () => {
    const { stdout } = await world.run(['run', '--json', '-c', "printf '\\377'"]);
    expect(JSON.parse(stdout)).toMatchObject({ stdoutBase64: '/w==' });
  });

  test('an error is one object too', async () => {
    const { code, stdout } = await world.run(['run', '--json', '--name', '', '--', 'true']);
    expect(code).toBe(125);
    expect(JSON.parse(stdout)).toHaveProperty('error.code', 'RECAC_INVALID_ARGUMENT');
  });
});

async function runThroughShell(script: string): Promise<Buffer> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const options = { cwd: world.project, env: world.environment, encoding: 'buffer' as const };
    execFile('/bin/sh', ['-c', script, 'sh', ...world.argv], options, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}
