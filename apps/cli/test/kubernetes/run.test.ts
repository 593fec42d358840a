import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describeCluster } from '@recac/e2e-cluster';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CliWorld, createCliWorld } from '../cli-process.ts';
import { runInTerminal } from '../pseudo-terminal.ts';

/** Each step is a process, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const kept = `cli-${process.pid}-kept`;

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
    expect(missing).toMatchObject({ code: 125, stderr: expect.stringContaining('nowhere') });
    const context = await world.run(['list', '--context', 'nope']);
    expect(context).toMatchObject({ code: 2, stderr: expect.stringContaining('recac-test') });
    expect(context.stderr).not.toContain('    at ');
  });
});
