import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { describeDocker, describeOwnDaemon, type RunningDaemon, startDaemon } from '@recac/e2e-docker';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runExec } from '../../src/container/run-exec.ts';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { busyboxImage, withEnvironment } from '../test-engine.ts';
import { exerciseDaemon } from './exercise-daemon.ts';
import { makeCertificates } from './test-certificates.ts';
import { findFreePort, hasSshServer, sshUser, startSshServer, type TestSshServer } from './test-ssh-server.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recac-transport-'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

const connect = (options: Parameters<typeof connectDaemon>[0]) => connectDaemon(options, AbortSignal.timeout(25_000));

describeDocker('a daemon at a socket', ({ host }) => {
  test('carries calls and connections that are taken over', () => exerciseDaemon({ host }));

  test("takes nothing from docker-modem's environment variables", async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://user:password@nowhere.invalid:2376');
    vi.stubEnv('DOCKER_CERT_PATH', '/nowhere');
    vi.stubEnv('DOCKER_CLIENT_TIMEOUT', '1');
    await exerciseDaemon({ host });
    expect(process.env.DOCKER_HOST).toBe('tcp://user:password@nowhere.invalid:2376');
    vi.unstubAllEnvs();
  });

  test("is used through a caller's client, which stays open", async () => {
    const agentless = new Docker({ socketPath: host.slice('unix://'.length) });
    await exerciseDaemon({ client: agentless });
    const lazy = new Docker({ socketPath: (async () => host.slice('unix://'.length)) as never });
    await exerciseDaemon({ client: lazy });
    expect(await lazy.ping()).toBeDefined();
  });

  test('is told with its version', async () => {
    const { client, version, address } = await connect({ host });
    client.close();
    expect([client.apiVersion, client.podman, address]).toEqual([
      expect.stringMatching(/^1\.\d\d$/),
      false,
      { host, source: 'host' },
    ]);
    expect(version).toMatch(/^\d+\.\d+/);
  });
});

describeDocker('a daemon over ssh', ({ host }) => {
  let server: TestSshServer | undefined;
  let address: string;

  beforeAll(async () => {
    const place = join(directory, 'ssh');
    await mkdir(place);
    if (hasSshServer()) server = await startSshServer(place, host);
    else await fakeSsh(place, host);
    vi.stubEnv('PATH', `${join(place, 'bin')}:${process.env.PATH}`);
    address = server ? `ssh://${sshUser()}@127.0.0.1:${server.port}` : 'ssh://somewhere';
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    vi.unstubAllEnvs();
  });

  test('carries calls and connections that are taken over', () => exerciseDaemon({ host: address }));

  test('is found at a socket there', () => exerciseDaemon({ host: address + host.slice('unix://'.length) }));

  test('may take long to shake hands when a command begins', async () => {
    const slow = join(directory, 'slow');
    await mkdir(slow);
    const script = `#!/bin/sh\n[ ! -e ${slow}/on ] || sleep 11\nexec ${join(directory, 'ssh', 'bin', 'ssh')} "$@"\n`;
    await writeFile(join(slow, 'ssh'), script, { mode: 0o755 });
    const path = process.env.PATH;
    vi.stubEnv('PATH', `${slow}:${path}`);
    const { client } = await connect({ host: address });
    await withEnvironment({ host }, {}, async ({ id }) => {
      await writeFile(join(slow, 'on'), '');
      client.close();
      const { stdout } = await runExec(client, id, { argv: ['echo', 'fine'] }, AbortSignal.timeout(50_000));
      expect(stdout).toBe('fine\n');
    });
    client.close();
    vi.stubEnv('PATH', path);
  }, 60_000);

  test('says what ssh said when it fails', async () => {
    vi.stubEnv('PATH', `${await failingSsh(join(directory, 'failing'))}:${process.env.PATH}`);
    await expect(connect({ host: 'ssh://somewhere' })).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/ssh ended with 255: Permission denied \(publickey\)/),
    });
  });

  test('leaves no process when it is given up', async () => {
    const place = join(directory, 'hanging');
    await mkdir(place);
    const script = `#!/bin/sh\necho $$ >${place}/pid.part && mv ${place}/pid.part ${place}/pid\nexec sleep 1000\n`;
    await writeFile(join(place, 'ssh'), script, { mode: 0o755 });
    vi.stubEnv('PATH', `${place}:${process.env.PATH}`);
    const controller = new AbortController();
    const connecting = connectDaemon({ host: 'ssh://somewhere' }, controller.signal);
    const pid = await vi.waitFor(async () => Number(await readFile(join(place, 'pid'), 'utf8')), 5_000);
    controller.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 5_000);
  });

  test('says when there is no ssh', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(connect({ host: 'ssh://somewhere' })).rejects.toMatchObject({
      message: expect.stringMatching(/ssh is not installed/),
    });
  });
});

describeOwnDaemon('a daemon behind TLS', () => {
  let daemon: RunningDaemon;
  let host: string;
  let certificates: string;

  beforeAll(async () => {
    certificates = join(directory, 'certificates');
    await mkdir(certificates);
    await makeCertificates(certificates);
    const port = await findFreePort();
    host = `tcp://127.0.0.1:${port}`;
    const file = (name: string) => join(certificates, name);
    const tls = [
      '--tlsverify',
      '--tlscacert',
      file('ca.pem'),
      '--tlscert',
      file('server-cert.pem'),
      '--tlskey',
      file('server-key.pem'),
    ];
    const quiet = ['--bridge', 'none', '--iptables=false', '--ip-forward=false'];
    daemon = await startDaemon({ network: 'shared', flags: [...quiet, '--host', host, ...tls] });
  }, 90_000);

  afterAll(async () => {
    await daemon?.stop();
  }, 60_000);

  /** Variables as a user has them. */
  const useTls = (variables: Record<string, string>) => {
    vi.unstubAllEnvs();
    for (const [name, value] of Object.entries({ DOCKER_CERT_PATH: certificates, ...variables }))
      vi.stubEnv(name, value);
  };

  test('carries calls and connections that are taken over', async () => {
    await copyImage(daemon.host);
    useTls({ DOCKER_TLS_VERIFY: '1' });
    await exerciseDaemon({ host });
    useTls({ DOCKER_TLS: '1' });
    await exerciseDaemon({ host });
  });

  test("is used through a caller's client", async () => {
    vi.unstubAllEnvs();
    await copyImage(daemon.host);
    const [ca, cert, key] = await Promise.all(
      ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(join(certificates, name))),
    );
    const port = Number(new URL(host).port);
    await exerciseDaemon({
      client: new Docker({ host: '127.0.0.1', port, protocol: 'https', ca, cert, key } as never),
    });
    const agent = new Agent({ ca, cert, key, keepAlive: true });
    await exerciseDaemon({ client: new Docker({ host: '127.0.0.1', port, protocol: 'https', agent } as never) });
    agent.destroy();
  });

  test('is refused when its certificate is not trusted', async () => {
    const other = join(directory, 'other');
    await mkdir(other);
    await makeCertificates(other);
    useTls({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: other });
    await expect(connect({ host })).rejects.toMatchObject({ message: expect.stringMatching(/certificate|signature/) });
  });

  test('says that it wants TLS, or a certificate', async () => {
    vi.unstubAllEnvs();
    await expect(connect({ host })).rejects.toMatchObject({
      message: expect.stringMatching(/HTTP request to an HTTPS server/),
    });
    const without = join(directory, 'without');
    await mkdir(without);
    await copyFile(join(certificates, 'ca.pem'), join(without, 'ca.pem'));
    useTls({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: without });
    await expect(connect({ host })).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/certificate/),
    });
  });

  async function copyImage(to: string): Promise<void> {
    const source = await connect({ host: process.env.RECAC_TEST_DOCKER_HOST ?? '' });
    const target = await connect({ host: to });
    const image = await source.client.docker.getImage(busyboxImage).get();
    const loading = await target.client.docker.loadImage(image);
    for await (const _chunk of loading);
    source.client.close();
    target.client.close();
  }
});

describe('a daemon that this user may not use', () => {
  test.skipIf(process.getuid?.() !== 0)('is told with the remedy', async () => {
    const socket = join(directory, 'private.sock');
    const server = createServer().listen(socket);
    await once(server, 'listening');
    await chmod(socket, 0o600);
    await chmod(directory, 0o755);
    const module = new URL('../../src/daemon/connect-daemon.ts', import.meta.url).href;
    const script = `import(${JSON.stringify(module)}).then((it) => it.connectDaemon({}, new AbortController().signal)).catch(
      ({ code, message, details }) => console.log(JSON.stringify({ code, message, details })))`;
    const child = spawn(process.execPath, ['--conditions=@recac/source', '-e', script], {
      uid: 65_534,
      gid: 65_534,
      env: { DOCKER_HOST: `unix://${socket}`, HOME: '/nowhere' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const error = JSON.parse(await text(child.stdout));
    server.close();
    expect(error).toEqual({
      code: 'RECAC_PERMISSION_DENIED',
      message: expect.stringMatching(/you may not use the Docker socket .*usermod -aG docker/),
      details: expect.objectContaining({
        tried: [{ host: `unix://${socket}`, source: 'DOCKER_HOST', problem: 'permission denied' }],
      }),
    });
  });
});

async function fakeSsh(place: string, host: string): Promise<void> {
  const script = `#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nDOCKER_HOST=${host} exec "$@"\n`;
  await mkdir(join(place, 'bin'));
  await writeFile(join(place, 'bin', 'ssh'), script, { mode: 0o755 });
}

async function failingSsh(place: string): Promise<string> {
  await mkdir(place);
  const script = '#!/bin/sh\necho "Permission denied (publickey)." >&2\nexit 255\n';
  await writeFile(join(place, 'ssh'), script, { mode: 0o755 });
  return place;
}
