import { Buffer } from 'node:buffer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { askCredentialHelper } from '../../src/image/credential-helper.ts';
import { findDockerCredentials, findPodmanCredentials } from '../../src/image/registry-credentials.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-helper-'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(directory, { recursive: true, force: true }));

async function ask(script: string, deadlineMs?: number) {
  await writeFile(join(directory, 'docker-credential-recactest'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
  return askCredentialHelper('recactest', 'server', {
    workingDirectory: directory,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
}

const failed = (message: string) => ({
  code: 'RECAC_IMAGE_PULL_FAILED',
  message: expect.stringContaining(`docker-credential-recactest ${message}`),
});

test('a helper gives a password, a token, or nothing', async () => {
  expect(await ask(`echo '{"Username":"u","Secret":"p:w"}'`)).toEqual({
    username: 'u',
    password: 'p:w',
    serveraddress: 'server',
  });
  expect(await ask(`echo '{"Username":"<token>","Secret":"t"}'`)).toEqual({
    identitytoken: 't',
    serveraddress: 'server',
  });
  expect(await ask('echo credentials not found in native keychain; exit 1')).toBeUndefined();
});

test('a helper that fails, hangs, talks nonsense or is no helper is named, and what it wrote is not', async () => {
  await expect(ask('echo s3cret; exit 3')).rejects.toMatchObject(failed('failed with exit code 3'));
  await expect(ask('echo s3cret; exit 3')).rejects.not.toThrow('s3cret');
  await expect(ask('echo s3cret')).rejects.toMatchObject(failed('did not answer with credentials'));
  await expect(ask('sleep 1000 & sleep 1000', 200)).rejects.toMatchObject(failed('gave no answer within 200 ms'));
  await expect(ask('yes')).rejects.toMatchObject(failed('wrote too much'));
  await expect(askCredentialHelper('../x', 'server', { workingDirectory: directory })).rejects.toMatchObject({
    code: 'RECAC_IMAGE_PULL_FAILED',
  });
});

const dockerHub = 'https://index.docker.io/v1/';
const auth = Buffer.from('u:p:w').toString('base64');

test.each<[string, string, unknown]>([
  ['docker.io', dockerHub, { username: 'u', password: 'p:w', serveraddress: dockerHub }],
  ['docker.io', 'index.docker.io', { username: 'u', password: 'p:w', serveraddress: dockerHub }],
  ['host:5000', 'host:5000', { username: 'u', password: 'p:w', serveraddress: 'host:5000' }],
  ['host:5000', 'https://host:5000/v2/', { username: 'u', password: 'p:w', serveraddress: 'host:5000' }],
  ['host:5000', 'host', undefined],
  ['host', 'nohost', undefined],
])('for %s the entry %s', async (registry, key, expected) => {
  const environment = { variables: { DOCKER_CONFIG: directory }, homeDirectory: directory, platform: process.platform };
  await writeFile(join(directory, 'config.json'), JSON.stringify({ auths: { [key]: { auth } } }));
  expect(await findDockerCredentials(registry, environment)).toEqual(expected);
  await writeFile(join(directory, 'auth.json'), JSON.stringify({ auths: { [key]: { auth } } }));
  const podman = { ...environment, variables: { REGISTRY_AUTH_FILE: join(directory, 'auth.json') } };
  expect(await findPodmanCredentials(registry, podman)).toEqual(expected);
});
