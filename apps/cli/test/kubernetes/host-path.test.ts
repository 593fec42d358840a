import { chown, mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describeCluster } from '@recac/e2e-cluster';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CliWorld, createCliWorld } from '../cli-process.ts';
import { runElsewhere } from '../run-elsewhere.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeCluster('host-path on Kubernetes', ({ kubeconfig }) => {
  let world: CliWorld;
  let directory: string;
  let project: string;
  beforeAll(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'recac-host-path-')));
    project = join(directory, 'project');
    await mkdir(project);
    const environment = {
      RECAC_RUNNER_BACKEND: 'kubernetes',
      RECAC_KUBERNETES_KUBECONFIG: kubeconfig,
      RECAC_SESSION_IMAGE: 'recac-test/busybox:1',
    };
    world = await createCliWorld({ environment, sessions: [] });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  const run = ['run', '--sync', 'host-path', '--name', `host-path-${process.pid}`];

  test('a command works in the directory itself, as its owner, and leaves nothing of ours', async () => {
    await chown(project, 4_321, 4_322);
    await writeFile(join(project, 'text'), 'from here\n', { mode: 0o644 });
    const result = await world.run([
      ...run,
      '--workspace',
      project,
      '--',
      'sh',
      '-c',
      'id -u; cat text; echo made >made',
    ]);
    expect([result.code, result.stdout]).toEqual([0, '4321\nfrom here\n']);
    const made = await stat(join(project, 'made'));
    expect([made.uid, made.gid]).toEqual([4_321, 4_322]);
    expect((await readdir(project)).toSorted()).toEqual(['made', 'text']);
  });

  test('auto does not bind, and says what would', async () => {
    const flags = ['run', '--name', `auto-${process.pid}`, '--workspace', project];
    const result = await world.run([...flags, '--', 'true']);
    expect(result.stderr).toMatch(/upload.*this looks like the test cluster of recac: --sync host-path/);
  });

  test('a directory that the node does not have: what auto takes, with the reason in one line', async () => {
    const hidden = join(directory, 'hidden');
    await mkdir(hidden);
    const { code, stderr, stdout } = await runElsewhere(
      world,
      [hidden, join(hidden, 'project')],
      [...run, '--', 'cat', 'text'],
    );
    expect([code, stdout]).toEqual([0, 'only here\n']);
    expect(stderr).toMatch(
      /^.*host-path is not possible, so the workspace strategy is upload, .*does not exist on the node.*$/m,
    );
  });

  test('an empty directory of the same name on the node is found out, and left empty', async () => {
    const empty = join(directory, 'empty-there');
    await mkdir(empty);
    await chown(empty, 4_321, 4_321);
    const { code, stderr, stdout } = await runElsewhere(world, [empty, empty], [...run, '--', 'cat', 'text']);
    expect([code, stdout]).toEqual([0, 'only here\n']);
    expect(stderr).toMatch(/host-path is not possible.*is not the directory that the environment sees/);
    expect(await readdir(empty)).toEqual([]);
  });
});
