import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describeCluster } from '@recac/e2e-cluster';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type CliWorld, createCliWorld } from '../cli-process.ts';
import { runInTerminal } from '../pseudo-terminal.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const kept = `cli-${process.pid}-kept`;

/** Id and time of an attempt differ each time. */
const withoutFacts = (text: string): string =>
  text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id').replaceAll(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, 'time');

describeCluster('the command line on Kubernetes', ({ kubeconfig }) => {
  let world: CliWorld;
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recac-cli-kubernetes-'));
    const environment = {
      RECAC_RUNNER_BACKEND: 'kubernetes',
      RECAC_KUBERNETES_KUBECONFIG: kubeconfig,
      RECAC_SESSION_IMAGE: 'recac-test/busybox:1',
    };
    world = await createCliWorld({ environment, sessions: [kept] });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  test('run gives output, code and JSON', async () => {
    const result = await world.run(['run', '--json', '--sync', 'none', '--', 'sh', '-c', 'echo done; exit 4']);
    expect(result.code).toBe(4);
    expect(JSON.parse(result.stdout)).toMatchObject({ backend: 'kubernetes', strategy: 'none', stdout: 'done\n' });
  });

  test('render prints YAML that says the same as its JSON, and creates nothing', async () => {
    const flags = ['render', '--sync', 'none', '--name', 'rendered', '--network', 'internet'];
    const yaml = parseAllDocuments(withoutFacts((await world.run(flags)).stdout), { version: '1.1' });
    const json = JSON.parse(withoutFacts((await world.run([...flags, '--json'])).stdout)) as readonly {
      readonly spec: unknown;
    }[];
    expect(yaml.map((document) => (document.toJS() as { readonly spec: unknown }).spec)).toEqual(
      json.map(({ spec }) => spec),
    );
    expect((await world.list()).some(({ sessionId }) => sessionId === 'rendered')).toBe(false);
  });

  test('a repository goes in as git, and what a command did comes back; the image without git gets an upload, and that is said', async () => {
    execFileSync('git', ['init', '-q'], { cwd: world.project });
    await writeFile(join(world.project, 'text'), 'one\n');
    const debian = await world.run([
      'run',
      '--name',
      'cluster-git',
      '--image',
      'recac-test/debian:1',
      '-c',
      'echo two >>text; git commit -qam two; echo new >made',
    ]);
    expect(debian.stderr).toContain('recac/cluster-git: 1 commit, 2 files changed');
    const shown = execFileSync('git', ['show', 'refs/recac/cluster-git/work:made'], { cwd: world.project });
    expect(shown.toString()).toBe('new\n');
    const busybox = await world.run(['run', '-c', 'echo three >>text']);
    expect(busybox.stderr).toContain('the environment has no git');
    expect(await readFile(join(world.project, 'text'), 'utf8')).toBe('one\nthree\n');
    await rm(join(world.project, '.git'), { recursive: true });
  });

  test('start says when the files end with the pod, and with which claim or command they do not', async () => {
    await writeFile(join(world.project, 'text'), 'one\n');
    const started = await world.run(['start', '--name', 'cluster-mortal']);
    expect(started.stderr).toContain('the files of cluster-mortal end with its environment. recac pull cluster-mortal');
    expect((await world.run(['stop', '--quiet', 'cluster-mortal'])).code).toBe(0);
  });

  test('start, list, exec, cp, spawn, attach, logs and stop from different processes', async () => {
    expect(await world.run(['start', '--sync', 'none', '--name', kept])).toMatchObject({
      code: 0,
      stdout: `${kept}\n`,
    });
    expect((await world.run(['list'])).stdout).toContain(kept);
    expect(await world.run(['exec', '-i', kept, 'cat'], { stdin: 'over stdin\n' })).toMatchObject({
      code: 0,
      stdout: 'over stdin\n',
    });
    const archive = await world.run(['cp', `${kept}:/etc/passwd`, '-']);
    expect(archive.code).toBe(0);
    expect(archive.stdoutData.includes('root:x:0:0')).toBe(true);
    const spawned = await world.run(['spawn', kept, '--', 'sh', '-c', 'echo one; sleep 1; echo two; exit 6']);
    expect(spawned.code).toBe(0);
    expect(await world.run(['attach', '--quiet', kept])).toMatchObject({ code: 6, stdout: 'one\ntwo\n' });
    expect((await world.run(['logs', kept])).stdout).toBe('one\ntwo\n');
    expect((await world.run(['stop', '--quiet', kept])).code).toBe(0);
    expect((await world.run(['list'])).stdout).not.toContain(kept);
  });

  test('run -it gives a terminal and leaves ours as it was', async () => {
    const result = await runInTerminal(
      world,
      ['run', '-it', '--sync', 'none', '--', 'sh'],
      [['$ ', 'stty size; exit 5\n']],
    );
    expect(result).toMatchObject({ missing: [], code: 5, restored: true, shown: expect.stringContaining('33 101') });
  });

  test('a namespace that does not exist is named, and a wrong context lists the right ones', async () => {
    const missing = await world.run(['run', '--namespace', 'nowhere', '--sync', 'none', '--', 'true']);
    expect(missing).toMatchObject({ code: 125, stderr: expect.stringContaining('kubectl create namespace nowhere') });
    const context = await world.run(['list', '--context', 'nope']);
    expect(context).toMatchObject({ code: 2, stderr: expect.stringContaining('recac-test') });
    expect(context.stderr).not.toContain('    at ');
  });
});
