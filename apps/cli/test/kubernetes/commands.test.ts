import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { describeCluster } from '@recac/e2e-cluster';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CliWorld, createCliWorld } from '../cli-process.ts';
import { runInTerminal } from '../pseudo-terminal.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const kept = `cli-${process.pid}-commands`;
const root = `cli-${process.pid}-root`;
const stopped = `cli-${process.pid}-stopped`;
const noSync = ['--sync', 'none'];

describeCluster('commands of the command line on a Job', ({ kubeconfig }) => {
  let world: CliWorld;
  beforeAll(async () => {
    const environment = {
      RECAC_RUNNER_BACKEND: 'kubernetes',
      RECAC_KUBERNETES_KUBECONFIG: kubeconfig,
      RECAC_SESSION_IMAGE: 'recac-test/busybox:1',
    };
    world = await createCliWorld({ environment, sessions: [kept, root] });
    expect(await world.run(['start', ...noSync, '--name', kept])).toMatchObject({ code: 0, stdout: `${kept}\n` });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const left = async () => (await world.list()).filter(({ sessionId }) => sessionId === stopped);

  test('Ctrl-C of run ends the command and leaves nothing', async () => {
    const running = world.start(['run', ...noSync, '--name', stopped, '-c', 'echo begun; sleep 1000']);
    await running.waitFor('begun');
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ code: 130 });
    expect(await left()).toEqual([]);
  });

  test('Ctrl-C while the Job is pending leaves nothing', async () => {
    const running = world.start(['run', ...noSync, '--name', stopped, '--cpu', '1000', '--', 'true']);
    await expect.poll(left, { timeout: 60_000, interval: 500 }).toHaveLength(1);
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ code: 130 });
    expect(await left()).toEqual([]);
  });

  test('inspect shows the environment, and with --isolation what a command finds inside', async () => {
    const shown = await world.run(['inspect', '--isolation', kept]);
    expect(shown.stdout).toContain('phase:     Running');
    expect(shown.stdout).toMatch(/capabilities: +none\n/);
    const { stdout } = await world.run(['inspect', '--isolation', '--json', kept]);
    expect(JSON.parse(stdout)).toMatchObject({
      sessionId: kept,
      isolation: {
        user: '10000:10000',
        capabilities: [],
        noNewPrivileges: true,
        seccomp: true,
        readOnlyRoot: true,
        serviceAccountToken: false,
        dockerSocket: false,
      },
    });
  });

  test('run --user, and exec --user in an environment of root', async () => {
    const one = await world.run(['run', ...noSync, '--user', '1234:2345', '-c', 'id -u; id -g']);
    expect(one).toMatchObject({ code: 0, stdout: '1234\n2345\n' });
    const debian = ['--image', 'recac-test/debian:1'];
    const started = await world.run(['start', ...noSync, '--name', root, '--user', 'root', ...debian]);
    expect(started).toMatchObject({ code: 0, stderr: expect.stringContaining('commands run as root') });
    const agent = await world.run(['exec', '--user', 'agent', root, '--', 'sh', '-c', 'id -un; echo "$HOME"']);
    expect(agent).toMatchObject({ code: 0, stdout: 'agent\n/home/agent\n' });
    const { stdout } = await world.run(['inspect', '--isolation', '--json', root]);
    expect(JSON.parse(stdout)).toMatchObject({ isolation: { capabilities: ['KILL', 'SETGID', 'SETUID'] } });
    const cannot = await world.run(['exec', '--user', 'agent', kept, '--', 'true']);
    expect(cannot).toMatchObject({ stderr: expect.stringMatching(/runs as uid 10000.*--user root/) });
    expect(cannot.code).not.toBe(0);
  });

  test('shell has a terminal and leaves ours as it was; cp takes a file in', async () => {
    await writeFile(join(world.project, 'note'), 'from outside\n');
    expect(await world.run(['cp', 'note', `${kept}:note`])).toMatchObject({ code: 0, stderr: '' });
    const result = await runInTerminal(world, ['shell', kept], [['$ ', 'stty size; cat note; exit 7\n']]);
    expect(result).toMatchObject({ missing: [], code: 7, restored: true });
    expect(result.shown).toMatch(/33 101[\s\S]*from outside/);
  });

  test('port-forward carries HTTP', async () => {
    await world.run(['exec', kept, '--', 'sh', '-c', 'mkdir -p /tmp/www && echo hello > /tmp/www/index.html']);
    await world.run(['spawn', kept, '--', 'httpd', '-f', '-p', '8080', '-h', '/tmp/www']);
    const forward = world.start(['port-forward', kept, ':8080']);
    await forward.waitFor('-> 8080');
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(forward.output())?.[1]);
    for (let times = 0; times < 3; times += 1) expect(await request(port)).toContain('hello');
    forward.child.kill('SIGINT');
    await forward.finished;
  });

  test('images says what this engine cannot tell', async () => {
    const result = await world.run(['images']);
    expect(result.stderr).toContain('RECAC_CAPABILITY_UNSUPPORTED');
    expect(result.stderr).not.toContain('    at ');
  });
});

function request(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', reject);
  });
}
