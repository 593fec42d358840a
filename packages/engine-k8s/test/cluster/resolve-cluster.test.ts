import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCredentialPlugin } from '../../src/cluster/credential-plugin.ts';
import { findPodAccess } from '../../src/cluster/pod-access.ts';
import { resolveCluster } from '../../src/cluster/resolve-cluster.ts';

const signal = new AbortController().signal;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-kubeconfig-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A kubeconfig with one context. */
const config = (name: string, user: object = { token: `token of ${name}` }, cluster: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': name,
  clusters: [{ name, cluster: { server: `https://${name}.test:6443`, ...cluster } }],
  users: [{ name, user }],
  contexts: [{ name, context: { cluster: name, user: name, namespace: `space-${name}` } }],
});

async function write(name: string, content: unknown): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('a file that is named, its context, namespace and token', async () => {
  const access = await resolveCluster({ kubeconfig: await write('one', config('a')), environment: {} });
  expect([access.server.href, access.contextName, access.namespace]).toEqual(['https://a.test:6443/', 'a', 'space-a']);
  expect((await access.credentials({ signal })).headers).toEqual({ Authorization: 'Bearer token of a' });
});

test('KUBECONFIG is a list: the first to say something wins, missing files are passed over', async () => {
  const [first, second] = [await write('first', config('a')), await write('second', config('b'))];
  const environment = { KUBECONFIG: `${join(directory, 'absent')}:${first}:${second}` };
  expect((await resolveCluster({ environment })).contextName).toBe('a');
  expect((await resolveCluster({ environment, context: 'b' })).server.hostname).toBe('b.test');
});

test('files are read again at every call, relative to the kubeconfig', async () => {
  await mkdir(join(directory, 'keys'));
  await write('keys/token', 'first\n');
  const kubeconfig = await write('one', config('a', { tokenFile: 'keys/token' }));
  const access = await resolveCluster({ kubeconfig, environment: {} });
  expect((await access.credentials({ signal })).headers.Authorization).toBe('Bearer first');
  await write('keys/token', 'second');
  expect((await access.credentials({ signal })).headers.Authorization).toBe('Bearer second');
});

test('a credential plugin runs once for many, again when its credential was rejected, and is told about itself', async () => {
  const count = join(directory, 'count');
  const plugin = await write(
    'plugin',
    `#!/bin/sh\necho x >>${count}\n[ -n "$KUBERNETES_EXEC_INFO" ] || exit 1\necho '{"kind":"ExecCredential","status":{"token":"t'$(wc -l <${count})'"}}'\n`,
  );
  await chmod(plugin, 0o755);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', interactiveMode: 'Never' };
  const access = await resolveCluster({ kubeconfig: await write('one', config('a', { exec })), environment: {} });
  const [one, two] = [await access.credentials({ signal }), await access.credentials({ signal })];
  expect([one.headers.Authorization, two.headers.Authorization]).toEqual(['Bearer t1', 'Bearer t1']);
  expect((await access.credentials({ signal, rejected: one })).headers.Authorization).toBe('Bearer t2');
});

test('a plugin that is not there says how to get it, one that fails what it said', async () => {
  const missing = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'recac-no-such',
    installHint: 'Get it there',
  };
  const one = await resolveCluster({ kubeconfig: await write('one', config('a', { exec: missing })), environment: {} });
  await expect(one.credentials({ signal })).rejects.toMatchObject({
    code: 'RECAC_PERMISSION_DENIED',
    message: expect.stringContaining('Get it there'),
  });
  const failing = { ...missing, command: 'sh', args: ['-c', 'echo log in first >&2; exit 1'] };
  const two = await resolveCluster({ kubeconfig: await write('two', config('a', { exec: failing })), environment: {} });
  await expect(two.credentials({ signal })).rejects.toThrow(/log in first/);
});

test('what a plugin says is told while it runs, and it may wait for a person as long as it has said something', async () => {
  const answer = '{"kind":"ExecCredential","status":{"token":"secret"}}';
  const script = `printf '\\033[1mlog in at https://login.test\\n' >&2; sleep 7; echo '${answer}'`;
  const plugin = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] };
  const exec = { ...plugin, interactiveMode: 'IfAvailable' };
  const told: string[] = [];
  const kubeconfig = await write('one', config('a', { exec }));
  const access = await resolveCluster({ kubeconfig, environment: {}, onPluginMessage: (line) => told.push(line) });
  const asking = access.credentials({ signal });
  await expect.poll(() => told, { timeout: 6_000 }).toEqual(['[1mlog in at https://login.test']);
  const limits = { silentMs: 5_000, waitingMs: 60_000 };
  const cluster = { server: 'https://a.test' };
  const never = runCredentialPlugin({ ...plugin, interactiveMode: 'Never' }, { cluster, limits, signal });
  await Promise.all([
    expect(asking).resolves.toMatchObject({ headers: { Authorization: 'Bearer secret' } }),
    expect(runCredentialPlugin(exec, { cluster, limits, signal })).resolves.toEqual({ token: 'secret' }),
    expect(never).rejects.toThrow(/no answer within 5000 ms, and said: .*log in at https:\/\/login.test/),
  ]);
  expect(told).toHaveLength(1);
}, 60_000);

test('what a plugin says when it renews is kept for its error, and it may not wait for a person', async () => {
  const answer = '{"kind":"ExecCredential","status":{"token":"secret"}}';
  const again = join(directory, 'again');
  const script = `echo hello >&2; if [ -e ${again} ]; then echo log in >&2; exit 1; fi; : >${again}; echo '${answer}'`;
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] };
  const told: string[] = [];
  const kubeconfig = await write('one', config('a', { exec }));
  const access = await resolveCluster({ kubeconfig, environment: {}, onPluginMessage: (line) => told.push(line) });
  const rejected = await access.credentials({ signal });
  await expect(access.credentials({ signal, rejected })).rejects.toThrow(/hello\nlog in/);
  expect(told).toEqual(['hello']);
  const waiting = { ...exec, args: ['-c', 'echo log in >&2; exec sleep 300'] };
  const limits = { silentMs: 5_000, waitingMs: 60_000 };
  const renewing = runCredentialPlugin(waiting, {
    cluster: { server: 'https://a.test' },
    isRenewal: true,
    limits,
    signal,
  });
  await expect(renewing).rejects.toThrow(/no answer within 5000 ms, and said: log in/);
}, 60_000);

test('a plugin that has answered keeps no process alive, also where its last words end without a newline', async () => {
  const answer = '{"kind":"ExecCredential","status":{"token":"secret"}}';
  const args = ['-c', `printf 'logged in' >&2; echo '${answer}'`];
  const plugin = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args };
  const { href } = new URL('../../src/cluster/credential-plugin.ts', import.meta.url);
  const program = `import { runCredentialPlugin } from ${JSON.stringify(href)};
    const { signal } = new AbortController();
    const cluster = { server: 'https://a.test' };
    console.log(JSON.stringify(await runCredentialPlugin(${JSON.stringify(plugin)}, { cluster, signal })));`;
  const flags = ['--conditions=@recac/source', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 30_000 });
  expect(JSON.parse(stdout)).toEqual({ token: 'secret' });
}, 60_000);

test('impersonation goes into headers', async () => {
  const user = { token: 't', as: 'somebody', 'as-groups': ['one', 'two'], 'as-uid': '7' };
  const access = await resolveCluster({ kubeconfig: await write('one', config('a', user)), environment: {} });
  expect((await access.credentials({ signal })).headers).toMatchObject({
    'Impersonate-User': 'somebody',
    'Impersonate-Group': ['one', 'two'],
    'Impersonate-Uid': '7',
  });
});

test.each([
  ['https://a.test:6443', { HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128/'],
  ['proxy-url', { HTTPS_PROXY: 'http://proxy:3128' }, 'http://own:1/'],
  ['excepted', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: '.test' }, undefined],
  ['excepted by port', { HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'a.test:6443' }, undefined],
  ['not excepted', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'other.test' }, 'http://proxy:3128/'],
])('the proxy of %s', async (name, environment, expected) => {
  const cluster = name === 'proxy-url' ? { 'proxy-url': 'http://own:1' } : {};
  const kubeconfig = await write('one', config('a', {}, cluster));
  expect((await resolveCluster({ kubeconfig, environment })).proxy?.href).toBe(expected);
});

const proxied = { HTTPS_PROXY: 'http://proxy:3128' };
test.each([
  ['https://127.0.0.1:6443', proxied, undefined],
  ['https://127.8.9.1:6443', proxied, undefined],
  ['https://[::1]:6443', proxied, undefined],
  ['https://localhost:6443', proxied, undefined],
  ['https://128.0.0.1:6443', proxied, 'http://proxy:3128/'],
  ['https://a.test', { HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1' }, 'http://upper:1/'],
  ['https://a.test', { HTTPS_PROXY: '', https_proxy: 'lower:1' }, 'http://lower:1/'],
  ['https://a.test', { HTTPS_PROXY: 'http://upper:1', https_proxy: '' }, 'http://upper:1/'],
  ['https://a.test', { ...proxied, NO_PROXY: '', no_proxy: 'a.test' }, undefined],
  ['http://a.test', { HTTP_PROXY: 'http://plain:1', NO_PROXY: 'a.test:80' }, undefined],
])('the proxy to %s with %j', async (server, environment, expected) => {
  const kubeconfig = await write('one', config('a', {}, { server }));
  expect((await resolveCluster({ kubeconfig, environment })).proxy?.href).toBe(expected);
});

test.each([
  [{ HTTPS_PROXY: 'socks5://x:secret@y:1' }, {}, /^HTTPS_PROXY must.*socks5/],
  [{ https_proxy: 'http://[x' }, {}, /^https_proxy must/],
  [{}, { server: '10.0.0.1:6443' }, /^server of context a must.*https:/],
  [{}, { 'proxy-url': '//[' }, /^proxy-url of context a must/],
])('an address that is none, %j %j, is named', async (environment, cluster, words) => {
  const kubeconfig = await write('one', config('a', {}, cluster));
  const error = await resolveCluster({ kubeconfig, environment }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'RECAC_CONFIG_INVALID', message: expect.stringMatching(words) });
  expect((error as Error).message).not.toContain('secret');
});

test('bad kubeconfigs are named with what is wrong', async () => {
  const bad = async (content: unknown, context?: string) =>
    resolveCluster({ kubeconfig: await write('bad', content), environment: {}, ...(context ? { context } : {}) });
  await expect(bad('a: [')).rejects.toThrow(/not YAML/);
  await expect(bad({ ...config('a'), kind: 'Pod' })).rejects.toThrow(/kind/);
  await expect(bad(config('a'), 'b')).rejects.toThrow(/no context b.*a/);
  await expect(bad({ ...config('a'), clusters: [] })).rejects.toThrow(/cluster a/);
  await expect(bad(config('a', { 'auth-provider': { name: 'gcp' } }))).rejects.toThrow(/gcp/);
  await expect(bad(config('a', {}, { 'proxy-url': 'socks5://x:1' }))).rejects.toThrow(/socks5/);
  await expect(resolveCluster({ kubeconfig: join(directory, 'absent'), environment: {} })).rejects.toThrow(
    /does not exist/,
  );
  await expect(resolveCluster({ kubeconfig: directory, environment: {} })).rejects.toThrow(/directory/);
});

test('inside a pod its service account is found, IPv6 as well, and the token is read again', async () => {
  for (const [name, text] of [
    ['token', 'one'],
    ['ca.crt', 'CA'],
    ['namespace', 'agents'],
  ] as const)
    await write(name, text);
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const access = await findPodAccess(environment, directory);
  expect([access?.server.href, access?.namespace]).toEqual(['https://[fd00::1]/', 'agents']);
  await write('token', 'two');
  expect((await access?.credentials({ signal }))?.headers.Authorization).toBe('Bearer two');
  expect(await findPodAccess({}, directory)).toBeUndefined();
});
