import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const run = promisify(execFile);
const sources = fileURLToPath(new URL('../..', import.meta.url));
const image = 'recac-test/busybox:1';

/** What is published is a bundle, from which parts of dockerode are left out: everything else is tested from its sources. */
describeDocker('the bundle on Docker', ({ host }) => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recac-bundle-'));
    await cp(join(sources, 'package.json'), join(directory, 'package.json'));
    await run(process.execPath, [join(sources, 'bundle.mjs'), join(directory, 'dist')]);
  });
  afterAll(() => rm(directory, { recursive: true }));

  const recac = (...args: readonly string[]) =>
    run(process.execPath, ['--', join(directory, 'dist', 'main.js'), ...args], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, DOCKER_HOST: host, RECAC_SESSION_IMAGE: image },
    });

  test('runs a command, with nothing but its output on stdout and no warning of Node on stderr', async () => {
    const { stdout, stderr } = await recac('run', '--sync', 'none', '--', 'echo', 'hello');
    expect(stdout).toBe('hello\n');
    expect(stderr).not.toMatch(/Warning/);
  });

  test('lists, and says which images there are', async () => {
    expect(JSON.parse((await recac('list', '--json')).stdout)).toBeInstanceOf(Array);
    expect((await recac('images')).stdout).toContain(image);
  });
});
