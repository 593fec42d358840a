import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseDaemon, type DaemonChoice } from '../../src/daemon/choose-daemon.ts';
import { makeCertificates } from './test-certificates.ts';

const run = promisify(execFile);
let home: string;

/** Nothing listens at any of them: the docker command then names the one that it wanted. */
const hostA = 'unix:///nowhere/a.sock';
const hostB = 'tcp://127.0.0.1:7';
const contextHost = 'unix:///nowhere/context.sock';
const currentHost = 'unix:///nowhere/current.sock';

interface Setting {
  readonly choice?: DaemonChoice;
  readonly variables?: Readonly<Record<string, string>>;
  readonly current?: string;
}

const settings: readonly Setting[] = [
  { choice: { host: hostA } },
  { choice: { host: hostA }, variables: { DOCKER_HOST: hostB, DOCKER_CONTEXT: 'one' }, current: 'two' },
  { choice: { context: 'one' }, variables: { DOCKER_HOST: hostB }, current: 'two' },
  { choice: { context: 'default' }, variables: { DOCKER_HOST: hostB }, current: 'two' },
  { choice: { context: 'default' }, current: 'two' },
  { variables: { DOCKER_HOST: hostB } },
  { variables: { DOCKER_HOST: hostB, DOCKER_CONTEXT: 'one' } },
  { variables: { DOCKER_HOST: hostB }, current: 'two' },
  { variables: { DOCKER_HOST: '', DOCKER_CONTEXT: 'one' }, current: 'two' },
  { variables: { DOCKER_CONTEXT: 'one' } },
  { variables: { DOCKER_CONTEXT: 'default' }, current: 'two' },
  { variables: { DOCKER_CONTEXT: '' }, current: 'two' },
  { current: 'two' },
  { current: 'default' },
  {},
  { variables: { DOCKER_HOST: '127.0.0.1:7' } },
  { variables: { DOCKER_HOST: 'tcp://127.0.0.1' } },
  { variables: { DOCKER_HOST: 'tcp://[::1]:7' } },
  { variables: { DOCKER_HOST: ':7' } },
  { variables: { DOCKER_HOST: 'unix://' } },
  { variables: { DOCKER_HOST: 'http://127.0.0.1:7' } },
  { variables: { DOCKER_CONTEXT: 'unknown' } },
  { current: 'unknown' },
  { variables: { DOCKER_HOST: 'tcp://127.0.0.1', DOCKER_TLS_VERIFY: '1' } },
  { variables: { DOCKER_HOST: hostB, DOCKER_TLS_VERIFY: '0', DOCKER_CERT_PATH: '/nowhere' } },
  { variables: { DOCKER_HOST: hostB, DOCKER_TLS: '1', DOCKER_CERT_PATH: '/nowhere' } },
  { variables: { DOCKER_HOST: hostB, DOCKER_TLS_VERIFY: '' } },
  { variables: { DOCKER_CONTEXT: 'tls' } },
];

describeDocker('the choice of a daemon', ({ host }) => {
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'recac-choice-'));
    await mkdir(join(home, '.docker'));
    const certificates = join(home, 'certificates');
    await mkdir(certificates);
    await makeCertificates(certificates);
    for (const name of ['ca.pem', 'cert.pem', 'key.pem'])
      await copyFile(join(certificates, name), join(home, '.docker', name));
    const files = `ca=${certificates}/ca.pem,cert=${certificates}/cert.pem,key=${certificates}/key.pem`;
    const create = (name: string, endpoint: string) => docker({}, ['context', 'create', name, '--docker', endpoint]);
    await create('one', `host=${contextHost}`);
    await create('two', `host=${currentHost}`);
    await create('real', `host=${host}`);
    await create('tls', `host=tcp://127.0.0.1:7,${files}`);
    await create('tls-unchecked', `host=tcp://127.0.0.1:7,skip-tls-verify=true,${files}`);
  });

  afterAll(() => rm(home, { recursive: true }));

  test.each(settings.map((setting) => [JSON.stringify(setting), setting] as const))(
    'is that of the docker command for %s',
    async (_title, setting) => {
      await writeCurrent(setting.current);
      expect(await chooseOurs(setting)).toBe(await chooseTheirs(setting));
    },
  );

  test('a context has the TLS files that were given to it', async () => {
    const pem = expect.stringMatching(/^-----BEGIN /);
    const files = { ca: pem, cert: pem, key: pem };
    expect((await choose({ choice: { context: 'tls' } }))?.tls).toEqual({ ...files, verify: true });
    expect((await choose({ choice: { context: 'tls-unchecked' } }))?.tls).toEqual({ ...files, verify: false });
    expect(await choose({ choice: { context: 'real' } })).toEqual({ host, source: 'context real (chosen)' });
  });

  test('an unknown context is refused with the names of the known ones', async () => {
    await expect(choose({ choice: { context: 'nope' } })).rejects.toMatchObject({
      details: { known: ['default', 'one', 'real', 'tls', 'tls-unchecked', 'two'] },
    });
  });
});

async function writeCurrent(current: string | undefined): Promise<void> {
  const text = JSON.stringify(current === undefined ? {} : { currentContext: current });
  await writeFile(join(home, '.docker', 'config.json'), text);
}

function choose({ choice = {}, variables = {} }: Setting) {
  return chooseDaemon(choice, { variables, homeDirectory: home, platform: 'linux' });
}

/** Address, or `error`. When nobody chose, the default comes first. */
async function chooseOurs(setting: Setting): Promise<string> {
  try {
    return (await choose(setting))?.host ?? 'unix:///var/run/docker.sock';
  } catch {
    return 'error';
  }
}

async function chooseTheirs({ choice = {}, variables = {} }: Setting): Promise<string> {
  const { host, context } = choice;
  const flags = host === undefined ? [] : ['--host', host];
  const args = [...flags, ...(context === undefined ? [] : ['--context', context]), 'version'];
  const answer = await docker(variables, args).then(
    () => undefined,
    (error) => error as { readonly stderr: string },
  );
  // A daemon answered, and only at the default can there be one.
  if (!answer) return 'unix:///var/run/docker.sock';
  const { stderr } = answer;
  return /Cannot connect to the Docker daemon at (\S+)\. /.exec(stderr)?.[1] ?? 'error';
}

function docker(variables: Readonly<Record<string, string>>, args: readonly string[]) {
  return run('docker', args, { env: { HOME: home, PATH: process.env.PATH, ...variables } });
}
