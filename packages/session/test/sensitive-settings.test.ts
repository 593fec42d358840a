import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecacError } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LoadConfigOptions, loadConfig } from '../src/config/load-config.ts';
import { sensitiveSettings } from '../src/config/sensitive-settings.ts';
import { trustFile } from '../src/config/trust.ts';

let root: string;
let project: string;
let home: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recac-sensitive-'));
  project = join(root, 'project');
  home = join(root, 'home');
  await mkdir(project);
  await mkdir(home);
});

afterEach(() => rm(root, { recursive: true, force: true }));

const load = (options: Partial<LoadConfigOptions> = {}) =>
  loadConfig({ workingDirectory: project, environment: {}, homeDirectory: home, ...options });

async function write(file: string, content: string): Promise<string> {
  await writeFile(file, content, { mode: 0o644 });
  return file;
}

async function failure(): Promise<RecacError> {
  const error = await load().catch((caught: unknown) => caught);
  if (!RecacError.isInstance(error)) throw new Error(`expected a RecacError, got ${String(error)}`);
  return error;
}

const sensitive = 'kubernetes:\n  namespace: other\n  kubeconfig: /elsewhere\nlocal:\n  isolation: none\n';

test('sensitive settings of an untrusted project file are refused, each by name', async () => {
  const file = await write(join(project, 'recac.yaml'), sensitive);
  const error = await failure();
  expect(error.details.issues).toMatchObject([
    { path: 'kubernetes.namespace' },
    { path: 'kubernetes.kubeconfig' },
    { path: 'local.isolation' },
  ]);
  expect(error.message).toContain(`recac trust ${file}`);
});

test('they count once the file is trusted, until it changes', async () => {
  const file = await write(join(project, 'recac.yaml'), sensitive);
  await trustFile(file, { environment: {}, homeDirectory: home });
  expect((await load()).config.kubernetes.kubeconfig).toBe('/elsewhere');
  await write(file, `${sensitive}# changed\n`);
  expect((await failure()).message).toMatch(/recac trust/);
});

test('trust belongs to the path as well as to the content', async () => {
  await trustFile(await write(join(root, 'other.yaml'), sensitive), { environment: {}, homeDirectory: home });
  await write(join(project, 'recac.yaml'), sensitive);
  expect((await failure()).message).toMatch(/recac trust/);
});

// No issue number: a review found that a clone could have the user's keys sent this way.
test('a workspace that a link leads out of the project is refused, also in a trusted file, as the link may change', async () => {
  await mkdir(join(home, '.ssh'));
  await mkdir(join(project, 'sub'));
  await symlink('../home', join(project, 'docs'));
  const file = await write(join(project, 'recac.yaml'), 'workspace: { path: docs/.ssh }');
  const outside = await realpath(join(home, '.ssh'));
  expect((await failure()).message).toContain(`out of the project. If ${outside} is what you mean, name it itself`);
  await trustFile(file, { environment: {}, homeDirectory: home });
  expect((await failure()).message).toContain('out of the project');
  expect((await load({ configPath: 'recac.yaml' })).config.workspace.path).toBe(join(project, 'docs/.ssh'));
  await symlink('sub', join(project, 'inside'));
  for (const path of ['inside', 'later', '.']) {
    await write(file, `workspace: { path: ${path} }`);
    await load();
  }
});

test('a file that the user names needs no trust', async () => {
  await write(join(project, 'recac.yaml'), sensitive);
  expect((await load({ configPath: 'recac.yaml' })).config.kubernetes.namespace).toBe('other');
  expect((await load({ environment: { RECAC_CONFIG: 'recac.yaml' } })).config.kubernetes.namespace).toBe('other');
});

const needTrust: Readonly<Record<string, readonly string[]>> = {
  'runner.backend': ['local', 'recac-engine-x', '[local]'],
  'kubernetes.kubeconfig': ['x'],
  'kubernetes.context': ['x'],
  'kubernetes.namespace': ['x'],
  'kubernetes.pvc_name': ['secrets'],
  'kubernetes.pvc_size': ['1Ti'],
  'kubernetes.pvc_storage_class': ['x'],
  'kubernetes.git_secret': ['x'],
  'kubernetes.service_account': ['admin'],
  'kubernetes.runtime_class': ['x'],
  'kubernetes.node_selector': ['{ pool: other }'],
  'kubernetes.tolerations': ['[{ operator: Exists }]'],
  'kubernetes.priority_class': ['x'],
  'kubernetes.image_pull_secrets': ['[x]'],
  'kubernetes.labels': ['{ app: web }'],
  'kubernetes.annotations': ['{ a: b }', '{ a.b/c: d }'],
  'kubernetes.pod_template': ['{ spec: { hostNetwork: true } }', '{ metadata: { labels: { a: b } } }'],
  'docker.host': ['tcp://x:1'],
  'docker.context': ['x'],
  'docker.hardening': ['docker-default'],
  'docker.dns_servers': ['[10.0.0.53]'],
  'docker.host_addresses': ['[]', '[203.0.113.7]'],
  'local.isolation': ['none'],
  'local.state_directory': ['x'],
  'workspace.strategy': ['bind', 'host-path'],
  'workspace.remote': ['origin'],
  'workspace.path': ['../..', '/etc', '~/x'],
  'workspace.include': ['[.env]'],
  'workspace.exclude': ['["*.log", "!.env"]'],
  'session.user': ['root', '"0:0"'],
  'session.network': ['internet', 'open'],
};

test('each sensitive setting has an example here', () => {
  expect(Object.keys(needTrust).sort()).toEqual(sensitiveSettings.map(({ path }) => path).sort());
});

// No issue number: a review found that the maps among them needed none.
test.each(Object.entries(needTrust).flatMap(([path, values]) => values.map((value) => [path, value] as const)))(
  'needs trust: %s: %s',
  async (path, value) => {
    const [section, key] = path.split('.');
    await write(join(project, 'recac.yaml'), `${section}: { ${key}: ${value} }`);
    expect((await failure()).message).toMatch(/recac trust/);
  },
);

test.each([
  'runner: { backend: docker }',
  'runner: { backend: kubernetes }',
  'local: { isolation: bwrap }',
  'workspace: { strategy: git, path: ./sub, exclude: ["*.log"] }',
  'session: { user: node, network: none, image: node }',
  'kubernetes: { resources: { limits: { cpu: 2 } } }',
])('needs none: %s', async (content) => {
  await write(join(project, 'recac.yaml'), content);
  await load();
});
