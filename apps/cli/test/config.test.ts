import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliWorld, createCliWorld } from './cli-process.ts';

let world: CliWorld;
beforeEach(async () => {
  world = await createCliWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const withoutBackend = { environment: { RECAC_RUNNER_BACKEND: '' } };

// No issue number: a review found that the file gave recac start a lease.
test('what init writes sets nothing but the backend that was asked for', async () => {
  for (const [flags, origins] of [
    [[], {}],
    [['--backend', 'docker'], { 'runner.backend': 'file' }],
  ] as const) {
    expect((await world.run(['config', 'init', '--force', ...flags])).code).toBe(0);
    const { stdout } = await world.run(['config', 'show', '--json'], withoutBackend);
    const values = JSON.parse(stdout) as readonly {
      readonly path: string;
      readonly origin: { readonly type: string };
    }[];
    const written = values.filter(({ origin }) => origin.type === 'project file');
    expect(Object.fromEntries(written.map(({ path }) => [path, 'file']))).toEqual(origins);
  }
});

test('init writes a file that loads, and never over another', async () => {
  expect((await world.run(['config', 'init', '--backend', 'local'])).code).toBe(0);
  expect(await readFile(join(world.project, 'recac.yaml'), 'utf8')).toContain('backend: "local"');
  expect(await world.run(['run', '-q', '--', 'echo', 'ok'], withoutBackend)).toMatchObject({ code: 0, stdout: 'ok\n' });
  const again = await world.run(['config', 'init']);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('--force');
  expect((await world.run(['config', 'init', '--force'])).code).toBe(0);
  expect((await world.run(['config', 'show'])).code).toBe(0);
});

test('a project file may not choose the local engine until it is trusted', async () => {
  await writeFile(join(world.project, 'recac.yaml'), 'runner:\n  backend: local\n');
  const refused = await world.run(['run', '-q', '--', 'true'], withoutBackend);
  expect(refused.code).toBe(125);
  expect(refused.stderr).toContain('recac trust');
  expect((await world.run(['trust', 'recac.yaml'])).code).toBe(0);
  expect((await world.run(['run', '-q', '--', 'true'], withoutBackend)).code).toBe(0);
});

test('show gives values with their origin, flags first', async () => {
  const { stdout } = await world.run(['config', 'show', '--json']);
  const values = JSON.parse(stdout) as readonly {
    readonly path: string;
    readonly value: unknown;
    readonly origin: unknown;
  }[];
  expect(values.find(({ path }) => path === 'runner.backend')).toMatchObject({ value: 'local' });
  const table = await world.run(['config', 'show', '--backend', 'docker']);
  expect(table.stdout).toMatch(/^SETTING +VALUE +ORIGIN/);
  expect(table.stdout).toMatch(/runner\.backend +docker/);
});

test('schema is JSON Schema', async () => {
  const { code, stdout } = await world.run(['config', 'schema']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty('properties.kubernetes.properties.pvc_name');
});

test('a bad file is named with all its problems; run says 125, the others 2', async () => {
  await writeFile(join(world.project, 'bad.yaml'), 'runer:\n  backend: local\nsession:\n  timeout: soon\n');
  const listed = await world.run(['list', '--config', 'bad.yaml']);
  expect(listed.code).toBe(2);
  expect(listed.stderr).toContain('RECAC_CONFIG_INVALID');
  expect(listed.stderr).toContain('runner');
  expect(listed.stderr).toContain('session.timeout');
  expect((await world.run(['run', '--config', 'bad.yaml', '--', 'true'])).code).toBe(125);
});
