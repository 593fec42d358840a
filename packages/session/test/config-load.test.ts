import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { listConfigSettings, RecacError } from '@recac/engine-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatOrigin } from '../src/config/config-origin.ts';
import { toVariableName } from '../src/config/environment-layer.ts';
import { type LoadConfigOptions, loadConfig } from '../src/config/load-config.ts';

let root: string;
let project: string;
let home: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recac-config-'));
  project = join(root, 'project');
  home = join(root, 'home');
  await mkdir(project);
  await mkdir(home);
});

afterEach(() => rm(root, { recursive: true, force: true }));

const load = (options: Partial<LoadConfigOptions> = {}) =>
  loadConfig({ workingDirectory: project, environment: {}, homeDirectory: home, ...options });

async function write(file: string, content: string | Uint8Array): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content, { mode: 0o644 });
  return file;
}

async function failure(options: Partial<LoadConfigOptions> = {}): Promise<RecacError> {
  const error = await load(options).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!RecacError.isInstance(error)) throw new Error(`expected a RecacError, got ${String(error)}`);
  expect(error.code).toBe('RECAC_CONFIG_INVALID');
  return error;
}

describe('finding the file', () => {
  test('without any file everything has its default', async () => {
    const resolved = await load();
    expect(resolved.file).toBeUndefined();
    expect(resolved.config.kubernetes.namespace).toBe('default');
    expect(resolved.config.session.leaseMs).toBe(900_000);
    expect(resolved.values.every(({ origin }) => origin.type === 'default')).toBe(true);
  });

  test('recac.yaml comes before config.yaml', async () => {
    await write(join(project, 'recac.yaml'), 'runner:\n  backend: docker\n');
    await write(join(project, 'config.yaml'), 'runner:\n  backend: kubernetes\n');
    const resolved = await load();
    expect(resolved.config.runner.backend).toBe('docker');
    expect(resolved.file).toBe(join(project, 'recac.yaml'));
  });

  test('config.yaml counts when it has a section of ours', async () => {
    await write(join(project, 'config.yaml'), '# ours\nrunner:\n  backend: kubernetes\n');
    expect((await load()).config.runner.backend).toBe('kubernetes');
  });

  test.each([
    'title: my blog\nsession: [1]\n',
    '{{ template }}',
    'a: [',
    Uint8Array.of(0xff, 0),
    'x-kubernetes:\n  a: 1\n',
  ])('a config.yaml of somebody else is left alone: %#', async (content) => {
    await write(join(project, 'config.yaml'), content);
    expect((await load()).file).toBeUndefined();
  });

  test('RECAC_CONFIG names a file, --config comes before it, and both may lie anywhere', async () => {
    const one = await write(join(root, 'one.yaml'), 'kubernetes: { namespace: one }');
    await write(join(project, 'two.yaml'), 'kubernetes: { namespace: two }');
    await write(join(project, 'recac.yaml'), 'not: ours');
    expect((await load({ environment: { RECAC_CONFIG: one } })).config.kubernetes.namespace).toBe('one');
    const both = await load({ environment: { RECAC_CONFIG: one }, configPath: 'two.yaml' });
    expect(both.config.kubernetes.namespace).toBe('two');
  });

  test('a named file must exist', async () => {
    expect((await failure({ configPath: 'nowhere.yaml' })).message).toMatch(
      /nowhere\.yaml does not exist \(named by --config\)/,
    );
    expect((await failure({ environment: { RECAC_CONFIG: 'nowhere.yaml' } })).message).toMatch(/named by RECAC_CONFIG/);
  });

  test('a directory or a FIFO is refused at once', async () => {
    await mkdir(join(project, 'directory'));
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(project, 'fifo')]);
    expect((await failure({ configPath: 'directory' })).message).toMatch(/is a directory/);
    expect((await failure({ configPath: 'fifo' })).message).toMatch(/not a regular file/);
  });
});

describe('precedence', () => {
  const userFile = () => join(home, '.config', 'recac', 'config.yaml');

  test('flag, environment, project file, user file, default: setting by setting', async () => {
    await write(
      userFile(),
      'kubernetes:\n  namespace: user\n  context: user\nsession:\n  timeout: 1m\n  image: user\n  env: { A: user, B: user }\n',
    );
    await write(
      join(root, 'p.yaml'),
      'kubernetes:\n  namespace: project\nsession:\n  timeout: 2m\n  lease: 1m\n  env:\n    B: project\n',
    );
    const { config, values } = await load({
      configPath: join(root, 'p.yaml'),
      environment: { RECAC_SESSION_TIMEOUT: '3m', RECAC_SESSION_LEASE: '2m', RECAC_SESSION_USER: '' },
      overrides: { 'session.lease': '3m', 'runner.backend': undefined },
    });
    expect(config.kubernetes).toMatchObject({ namespace: 'project', context: 'user' });
    expect(config.session).toMatchObject({
      image: 'user',
      timeoutMs: 180_000,
      leaseMs: 180_000,
      env: { A: 'user', B: 'project' },
    });
    expect(config.session.user).toBeUndefined();
    const origins = Object.fromEntries(
      values.map(({ path, value, origin }) => [path, `${String(value)} ${formatOrigin(origin)}`]),
    );
    expect(origins).toMatchObject({
      'kubernetes.namespace': `project ${join(root, 'p.yaml')}:2`,
      'kubernetes.context': `user ${userFile()}:3`,
      'session.timeout': '3m RECAC_SESSION_TIMEOUT',
      'session.lease': '3m flag',
      'session.kill_grace': '5s default',
      'session.env.A': `(hidden) ${userFile()}:7`,
      'session.env.B': `(hidden) ${join(root, 'p.yaml')}:7`,
    });
  });

  test('every variable that is documented can be set to every example', async () => {
    for (const setting of listConfigSettings()) {
      const variable = toVariableName(setting);
      if (variable === undefined) continue;
      for (const example of setting.examples) {
        const { values } = await load({ environment: { [variable]: [example].flat().join(',') } });
        const found = values.find(({ path }) => path === setting.path);
        expect(found?.origin).toEqual({ type: 'environment', variable });
        if (Array.isArray(example) || setting.kind === 'count') expect(found?.value).toEqual(example);
      }
    }
  });

  test('a variable of a list is separated by commas, with blanks around them or not', async () => {
    const { config } = await load({
      environment: { RECAC_WORKSPACE_EXCLUDE: '*.log, dist/ ,', RECAC_WORKSPACE_HISTORY: 'full' },
    });
    expect(config.workspace).toMatchObject({ exclude: ['*.log', 'dist/'], history: 'full' });
    expect((await failure({ environment: { RECAC_WORKSPACE_HISTORY: '0' } })).message).toBe(
      'RECAC_WORKSPACE_HISTORY: workspace.history must be at least 1. Use a larger number.',
    );
  });

  test('what is written below a name of a map has its origin', async () => {
    const file = await write(
      join(root, 'c.yaml'),
      'kubernetes:\n  pod_template:\n    spec:\n      hostNetwork: false\n',
    );
    expect((await load({ configPath: file })).values).toContainEqual({
      path: 'kubernetes.pod_template.spec',
      value: '(hidden)',
      origin: { type: 'project file', file, line: 4 },
    });
  });

  test('a problem in a list says where the list is written', async () => {
    const file = await write(join(root, 'c.yaml'), 'workspace:\n  include: [a, 5]\n');
    expect((await failure({ configPath: file })).message).toContain(`${file}:2: workspace.include.1 must be text`);
  });

  test('other variables of the schema work', async () => {
    const { config } = await load({
      environment: {
        RECAC_RUNNER_BACKEND: 'docker',
        RECAC_KUBERNETES_RESOURCES_LIMITS_MEMORY: '1Gi',
        RECAC_KUBERNETES_PVC_NAME: 'claim',
      },
    });
    expect(config.runner.backend).toBe('docker');
    expect(config.kubernetes).toMatchObject({ pvcName: 'claim', resources: { limits: { memory: '1Gi' } } });
  });

  test.each(['RECAC_KUBERNETES_TOLERATIONS', 'RECAC_SESSION_ENV'])(
    '%s is refused, because its setting can only be written in a file',
    async (name) => {
      expect((await failure({ environment: { [name]: 'x' } })).message).toContain('can only be written in a file');
      await load({ environment: { [name]: '' } });
    },
  );

  test('a slip of a variable is refused, other variables are not ours', async () => {
    expect((await failure({ environment: { RECAC_SESSION_TIMOUT: '1m' } })).message).toMatch(
      /Did you mean RECAC_SESSION_TIMEOUT\?/,
    );
    await load({ environment: { RECAC_SESSION_ID: 'x', RECAC_TEST_KUBECONFIG: 'x', RECACX: '1' } });
  });

  test('XDG_CONFIG_HOME moves the user file; a relative one does not count', async () => {
    await write(join(root, 'xdg', 'recac', 'config.yaml'), 'kubernetes: { namespace: xdg }');
    expect((await load({ environment: { XDG_CONFIG_HOME: join(root, 'xdg') } })).config.kubernetes.namespace).toBe(
      'xdg',
    );
    expect(
      (await load({ environment: { XDG_CONFIG_HOME: 'xdg' }, workingDirectory: root })).config.kubernetes.namespace,
    ).toBe('default');
  });

  test('a user file that everybody may write is refused', async () => {
    execFileSync('chmod', ['o+w', await write(userFile(), 'kubernetes: {}')]);
    expect((await failure()).message).toMatch(/writable by every user.*chmod o-w/);
  });

  test('relative paths start at their file, or at the working directory; ~/ is the home', async () => {
    const file = await write(
      join(root, 'other', 'c.yaml'),
      'kubernetes: { kubeconfig: kube/config }\nworkspace: { path: . }\n',
    );
    const { config } = await load({
      configPath: file,
      environment: { RECAC_LOCAL_STATE_DIRECTORY: '~/state' },
      overrides: { 'workspace.path': 'sub' },
    });
    expect(config.kubernetes.kubeconfig).toBe(join(root, 'other', 'kube', 'config'));
    expect(config.local.stateDirectory).toBe(join(home, 'state'));
    expect(config.workspace.path).toBe(join(project, 'sub'));
  });
});

describe('problems', () => {
  test('all are listed, with place, path, rule and suggestion', async () => {
    await write(
      join(project, 'recac.yaml'),
      'runner:\n  backnd: docker\nkubernetes:\n  namespace: 123\nsession:\n  lease: 5 minutes\n',
    );
    const error = await failure({
      environment: { RECAC_SESSION_TIMEOUT: '-1s', XDG_CONFIG_HOME: root },
      configPath: 'recac.yaml',
    });
    const file = join(project, 'recac.yaml');
    expect(error.details.issues).toMatchObject([
      { path: 'runner.backnd', rule: 'is no known key', suggestion: 'runner.backend', origin: `${file}:2` },
      {
        path: 'kubernetes.namespace',
        message: `${file}:4: kubernetes.namespace must be text, not the number 123. Put it in quotes: namespace: "123".`,
      },
      { path: 'session.timeout', origin: 'RECAC_SESSION_TIMEOUT', rule: 'must not be negative' },
      { path: 'session.lease', origin: `${file}:6` },
    ]);
    expect(error.message).toMatch(/4 problems/);
  });

  test('a scalar in place of a section, and __proto__, are problems like any other', async () => {
    await write(join(project, 'recac.yaml'), 'kubernetes: cluster\n__proto__:\n  polluted: 1\n');
    const error = await failure();
    expect(error.details.issues).toMatchObject([{ path: 'kubernetes' }, { path: '__proto__' }]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('an override that is no section does not break the merge', async () => {
    expect(
      (await failure({ overrides: { runner: 'x', kubernetes: { namespace: 'a' } } })).details.issues,
    ).toMatchObject([{ path: 'runner' }]);
    expect((await load({ overrides: { runner: 'x', 'runner.backend': 'docker' } })).config.runner.backend).toBe(
      'docker',
    );
  });
});
