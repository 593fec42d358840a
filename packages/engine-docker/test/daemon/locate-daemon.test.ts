import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DaemonChoice } from '../../src/daemon/choose-daemon.ts';
import { locateDaemon } from '../../src/daemon/locate-daemon.ts';

const defaultExists = existsSync('/var/run/docker.sock') || existsSync('/run/podman/podman.sock');
let home: string;
const servers: { close(): void; closeAllConnections?(): void }[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'recac-locate-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
  await rm(home, { recursive: true });
});

/** Something that answers a ping at a socket below the home directory. */
async function answer(path: string, status = 200): Promise<string> {
  const socket = join(home, path);
  await mkdir(join(socket, '..'), { recursive: true });
  const server: Server = createServer((_request, response) => {
    response.writeHead(status, { 'Api-Version': '1.41', Server: 'Docker/1.2.3 (linux)' }).end('OK');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return `unix://${socket}`;
}

/** Something that takes connections and says nothing. */
async function hang(path: string): Promise<string> {
  const socket = join(home, path);
  const server = createNetServer(() => {});
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return `unix://${socket}`;
}

async function locate(choice: DaemonChoice = {}, variables: Record<string, string> = {}, signal?: AbortSignal) {
  const environment = { variables, homeDirectory: home, platform: 'linux' as const };
  const { agent, address, tried } = await locateDaemon(choice, environment, signal ?? new AbortController().signal);
  agent.destroy();
  return { address, tried };
}

async function writeConfig(text: string): Promise<void> {
  await mkdir(join(home, '.docker'), { recursive: true });
  await writeFile(join(home, '.docker', 'config.json'), text);
}

describe('locateDaemon', () => {
  test("takes the caller's host before DOCKER_HOST", async () => {
    const host = await answer('a.sock');
    const { address, tried } = await locate({ host }, { DOCKER_HOST: 'unix:///nowhere' });
    expect(address).toEqual({ host, source: 'host' });
    expect(tried).toEqual([{ host, source: 'host' }]);
  });

  test('never falls back from what was chosen', async () => {
    await answer('.docker/run/docker.sock');
    const host = 'unix:///nowhere/docker.sock';
    await expect(locate({}, { DOCKER_HOST: host })).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringContaining(`${host} (DOCKER_HOST) does not answer: there is no such socket`),
      details: { tried: [{ host, source: 'DOCKER_HOST', problem: 'there is no such socket' }] },
    });
  });

  test.skipIf(defaultExists)('tries the usual sockets when nobody chose', async () => {
    const host = await answer('.docker/run/docker.sock');
    await answer('.orbstack/run/docker.sock');
    const { address, tried } = await locate();
    expect(address).toEqual({ host, source: 'Docker Desktop' });
    expect(tried[0]).toEqual({
      host: 'unix:///var/run/docker.sock',
      source: 'default',
      problem: 'there is no such socket',
    });
    expect(tried.at(-1)).toEqual({ host, source: 'Docker Desktop' });
  });

  test.skipIf(defaultExists)('finds rootless Docker by XDG_RUNTIME_DIR', async () => {
    const host = await answer('docker.sock');
    await answer('podman/podman.sock');
    expect((await locate({}, { XDG_RUNTIME_DIR: home })).address).toEqual({ host, source: 'rootless Docker' });
  });

  test.skipIf(defaultExists)('passes over what does not answer', async () => {
    await answer('.orbstack/run/docker.sock', 500);
    const host = await answer('.rd/docker.sock');
    const { address, tried } = await locate();
    expect(address.host).toBe(host);
    expect(tried).toContainEqual(expect.objectContaining({ source: 'OrbStack', problem: 'it answered 500: OK' }));
  });

  test.skipIf(defaultExists)('says what to install when nothing answers', async () => {
    await expect(locate()).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/Install Docker or Podman and start it .*--backend local/),
      details: { tried: expect.arrayContaining([expect.objectContaining({ source: 'Colima' })]) },
    });
  });

  test('host and context together are refused', async () => {
    await expect(locate({ host: 'unix:///x', context: 'y' })).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
  });

  test('an unknown context is refused with the names of the known ones', async () => {
    await expect(locate({ context: 'nope' })).rejects.toMatchObject({
      message: 'there is no docker context "nope" (chosen). There are: default.',
    });
    await writeConfig('{"currentContext":"gone"}');
    await expect(locate()).rejects.toMatchObject({ message: expect.stringMatching(/"gone" \(currentContext of/) });
  });

  test.each([
    ['bad JSON', '{"auths":{"x":{"auth":"c2VjcmV0"}}', /is not valid JSON/],
    ['no object', '[]', /is no JSON object/],
    ['huge', `"${'x'.repeat(1_100_000)}"`, /is larger than/],
  ])('a config.json that is %s is a clear error', async (_what, text, message) => {
    await writeConfig(text);
    await expect(locate()).rejects.toMatchObject({
      code: 'RECAC_ENGINE_UNAVAILABLE',
      message: expect.stringMatching(message),
    });
    await expect(locate()).rejects.toMatchObject({ message: expect.not.stringContaining('c2VjcmV0') });
  });

  test('a config.json that is a directory is a clear error', async () => {
    await mkdir(join(home, '.docker', 'config.json'), { recursive: true });
    await expect(locate()).rejects.toMatchObject({ message: expect.stringMatching(/is no plain file/) });
  });

  test.each(['DOCKER_CONFIG', 'DOCKER_CERT_PATH'])('a relative %s is refused', async (name) => {
    const variables = { [name]: 'here', DOCKER_TLS_VERIFY: '1' };
    const choice = name === 'DOCKER_CONFIG' ? {} : { host: 'tcp://127.0.0.1:1' };
    await expect(locate(choice, variables)).rejects.toMatchObject({
      message: expect.stringMatching(/Make it absolute/),
    });
  });

  test('a daemon that hangs is left when the signal fires', async () => {
    const host = await hang('hang.sock');
    const reason = new Error('enough');
    await expect(locate({ host }, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const locating = locate({ host }, {}, controller.signal);
    setTimeout(() => controller.abort(reason), 50);
    await expect(locating).rejects.toBe(reason);
  });

  test('what is no daemon is told apart', async () => {
    const socket = join(home, 'web.sock');
    const server = createServer((_request, response) => response.end('<html>'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    await expect(locate({ host: `unix://${socket}` })).rejects.toMatchObject({
      message: expect.stringMatching(/not a Docker daemon/),
    });
  });
});
