import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describeDocker } from '@recac/e2e-docker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CliWorld, createCliWorld } from '../cli-process.ts';
import { runInTerminal } from '../pseudo-terminal.ts';
import { runElsewhere } from '../run-elsewhere.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const image = 'recac-test/busybox:1';
const built = `recac-test/cli-${process.pid}:1`;
const kept = `cli-${process.pid}-kept`;

describeDocker('run, start, images and build on Docker', ({ host }) => {
  let world: CliWorld;
  beforeAll(async () => {
    const environment = { DOCKER_HOST: host, RECAC_RUNNER_BACKEND: '', RECAC_SESSION_IMAGE: image };
    world = await createCliWorld({ environment, sessions: [kept] });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await removeImage(host, built);
  });

  test('is the backend when none is named, and brings the work back', async () => {
    const result = await world.run(['run', '--json', '--', 'sh', '-c', 'echo done > result; cat result']);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      backend: 'docker',
      strategy: 'upload',
      work: { changedFiles: 1 },
      stdout: 'done\n',
    });
  });

  test('bind under a daemon that sees another directory falls back, says why, and leaves that one alone', async () => {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'recac-elsewhere-')));
    try {
      for (const [path, why] of [
        [directory, /is not the directory that the environment sees/],
        [join(directory, 'missing'), /does not exist on the daemon's machine/],
      ] as const) {
        const run = ['run', '--sync', 'bind', '--', 'cat', 'text'];
        const { code, stdout, stderr } = await runElsewhere(world, [directory, path], run);
        expect([code, stdout]).toEqual([0, 'only here\n']);
        expect(stderr).toMatch(/bind is not possible, so the workspace strategy is upload/);
        expect(stderr).toMatch(why);
      }
      expect(await readdir(directory)).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('has no network unless one is asked for', async () => {
    const { stdout } = await world.run(['run', '--', 'ls', '/sys/class/net']);
    expect(stdout).toBe('lo\n');
  });

  test('limits and user are those of the flags', async () => {
    const script = 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; id -u';
    const flags = ['--memory', '64Mi', '--cpu', '500m', '--user', '1234:1234', '--sync', 'none', '--pull', 'never'];
    const { code, stdout } = await world.run(['run', ...flags, '--', 'sh', '-c', script]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '67108864\n1234\n' });
  });

  test('the weaker hardening warns, on stderr and in JSON, once', async () => {
    const flags = ['--hardening', 'docker-default', '--sync', 'none', '--json'];
    const { stdout, stderr } = await world.run(['run', ...flags, '--', 'true']);
    expect(stderr.match(/warning: hardening is docker-default/g)).toHaveLength(1);
    const { warnings } = JSON.parse(stdout) as { readonly warnings: readonly string[] };
    expect(warnings.filter((warning) => warning.includes('docker-default'))).toHaveLength(1);
  });

  test('an image that is nowhere is named', async () => {
    const result = await world.run(['run', '--image', 'recac-test/nowhere:1', '--pull', 'never', '--', 'true']);
    expect(result).toMatchObject({ code: 125, stdout: '' });
    expect(result.stderr).toContain('RECAC_IMAGE_NOT_FOUND');
  });

  test('run -it gives a terminal and leaves ours as it was', async () => {
    const result = await runInTerminal(
      world,
      ['run', '-it', '--sync', 'none', '--', 'sh'],
      [['$ ', 'stty size; exit 5\n']],
    );
    expect(result).toMatchObject({ missing: [], code: 5, restored: true, shown: expect.stringContaining('33 101') });
  });

  test('start, exec, list and stop from different processes', async () => {
    expect((await world.run(['start', '--name', kept, '--sync', 'none'])).stdout).toBe(`${kept}\n`);
    expect(await world.run(['exec', kept, 'echo', 'in'])).toMatchObject({ code: 0, stdout: 'in\n' });
    expect((await world.list()).map(({ sessionId }) => sessionId)).toContain(kept);
    expect((await world.run(['stop', kept])).code).toBe(0);
    expect((await world.list()).map(({ sessionId }) => sessionId)).not.toContain(kept);
  });

  test('images lists what is there', async () => {
    const { stdout } = await world.run(['images']);
    expect(stdout).toMatch(/^IMAGE +ID +AGE +SIZE\n/);
    expect(stdout).toMatch(/^recac-test\/busybox:1 +[0-9a-f]{12} /m);
    const listed = JSON.parse((await world.run(['images', '--json'])).stdout) as readonly { readonly id: string }[];
    expect(listed[0]?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('build prints the id on stdout and its progress on stderr', async () => {
    const context = join(world.project, 'context');
    await mkdir(context);
    await writeFile(join(context, 'file'), 'built\n');
    await writeFile(join(context, 'Agentfile'), `FROM ${image}\nARG WORD\nENV WORD=$WORD\nCOPY file /file\n`);
    const flags = ['-t', built, '-f', join(context, 'Agentfile'), '--build-arg', 'WORD=hi', '--label', 'by=test'];
    const result = await world.run(['build', ...flags, context]);
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) });
    expect(result.stderr).toContain('recac: ');
    const script = 'cat /file; echo $WORD';
    const run = await world.run(['run', '--image', built, '--sync', 'none', '--', 'sh', '-c', script]);
    expect(run).toMatchObject({ code: 0, stdout: 'built\nhi\n' });
  });
});

/** recac removes no images, so the test does. */
function removeImage(host: string, reference: string): Promise<void> {
  const { protocol, pathname } = new URL(host);
  const address = protocol === 'unix:' ? { socketPath: pathname } : new URL(host.replace(/^tcp:/, 'http:'));
  return new Promise((resolve) => {
    const options = { method: 'DELETE', path: `/images/${reference}` };
    const removal = request({
      ...('socketPath' in address ? address : { host: address.hostname, port: address.port }),
      ...options,
    });
    removal.on('response', (response) => response.resume().on('end', resolve));
    removal.on('error', () => resolve());
    removal.end();
  });
}
