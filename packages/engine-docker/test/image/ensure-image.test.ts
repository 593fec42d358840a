import { Buffer } from 'node:buffer';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import type { EnsureImageOptions, ImageProgress } from '@recac/engine-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { buildClassic } from '../../src/build/classic-build.ts';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import type { DaemonClient } from '../../src/daemon/daemon-client.ts';
import { ensureImage } from '../../src/image/ensure-image.ts';
import { ImagePins } from '../../src/image/image-pins.ts';
import { listImages } from '../../src/image/list-images.ts';
import { busyboxImage } from '../test-engine.ts';
import { startFaultyDaemon } from './faulty-daemon.ts';
import { writeForeignImage } from './foreign-image.ts';
import {
  findPort,
  hasRegistry,
  registryPassword,
  registryUser,
  startRegistry,
  type TestRegistry,
} from './test-registry.ts';

const run = promisify(execFile);

describeDocker('ensureImage', ({ host }) => {
  if (!hasRegistry() && process.env.RECAC_REQUIRE_ALL !== '1') {
    test.skip('the program docker-registry (Debian package docker-registry) is not installed', () => {});
    return;
  }
  let client: DaemonClient;
  let open: TestRegistry;
  let closed: TestRegistry;
  let directory: string;
  const made = new Set<string>();

  const docker = (args: readonly string[]) =>
    run('docker', [...args], {
      env: { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: directory, DOCKER_BUILDKIT: '0' },
    });
  const ensure = (reference: string, options: EnsureImageOptions = {}, pins = new ImagePins()) =>
    ensureImage(client, reference, options, pins);
  const remove = (reference: string) => docker(['rmi', '--force', reference]).catch(() => {});
  /** Gives an image to a registry and takes it from the daemon. */
  const publish = async (reference: string, source = busyboxImage): Promise<void> => {
    made.add(reference);
    await docker(['tag', source, reference]);
    await docker(['push', reference]);
    await docker(['rmi', reference]);
  };
  const writeConfig = async (config: unknown): Promise<void> => {
    const home = await mkdtemp(join(directory, 'config-'));
    await writeFile(join(home, 'config.json'), JSON.stringify(config));
    vi.stubEnv('DOCKER_CONFIG', home);
  };
  const writeHelper = async (name: string, script: string): Promise<void> => {
    const bin = await mkdtemp(join(directory, 'bin-'));
    await writeFile(join(bin, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'recac-image-'));
    ({ client } = await connectDaemon({ host }, AbortSignal.timeout(10_000)));
    [open, closed] = await Promise.all([startRegistry(), startRegistry({ password: true })]);
    const auth = Buffer.from(`${registryUser}:${registryPassword}`).toString('base64');
    await writeFile(join(directory, 'config.json'), JSON.stringify({ auths: { [closed.host]: { auth } } }));
    await publish(`${closed.host}/secret:1`);
    await publish(`${open.host}/busybox:1`);
    await docker(['load', '--input', await writeForeignImage(directory, 'recac-test-arm:1')]);
    made.add('recac-test-arm:1');
    await publish(`${open.host}/arm:1`, 'recac-test-arm:1');
  }, 60_000);

  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const reference of made) if (reference !== 'recac-test-arm:1') await remove(reference);
  });

  afterAll(async () => {
    for (const reference of made) await remove(reference);
    await open[Symbol.asyncDispose]();
    await closed[Symbol.asyncDispose]();
    client.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('pulls what is missing, tells the layers, and knows the digest', async () => {
    const reference = `${open.host}/busybox:1`;
    const steps: ImageProgress[] = [];
    const info = await ensure(reference, { onProgress: (progress) => steps.push(progress) });
    expect(info).toEqual({ reference, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(steps.length).toBeGreaterThan(1);
    expect(await ensure(reference, { policy: 'never' })).toEqual(info);
    const listed = (await listImages(client)).find(({ references }) => references.includes(reference));
    expect(listed?.sizeBytes).toBeGreaterThan(1_000_000);
    expect(await ensure(listed?.id ?? '')).toEqual({ reference: listed?.id });
  });

  test('a tag that moves is the same image for one engine, and the new one for the next', async () => {
    const reference = `${open.host}/moving:1`;
    await publish(reference);
    const pins = new ImagePins();
    const first = await ensure(reference, {}, pins);
    await remove(reference);
    await publish(reference, 'recac-test/no-tmp:1');
    expect(await ensure(reference, { policy: 'always' }, pins)).toEqual(first);
    expect(pins.resolve(reference)).toBe(`${open.host}/moving@${first.digest}`);
    const second = await ensure(reference, { policy: 'always' });
    expect(second.digest).not.toBe(first.digest);
    await remove(pins.resolve(reference));
  });

  test('says what is not there, refused, unreachable or not for the platform', async () => {
    const failure = (cause: string, code = 'RECAC_IMAGE_PULL_FAILED') => ({ code, details: { cause } });
    const notFound = failure('not-found', 'RECAC_IMAGE_NOT_FOUND');
    await expect(ensure(`${open.host}/busybox:2`)).rejects.toMatchObject(notFound);
    await expect(ensure(`${open.host}/nothing:1`)).rejects.toMatchObject(notFound);
    await expect(ensure(`${open.host}/busybox:1`, { policy: 'never' })).rejects.toMatchObject(notFound);
    await expect(ensure(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject(notFound);
    await expect(ensure(`${closed.host}/secret:1`)).rejects.toMatchObject(failure('denied'));
    await expect(ensure(`127.0.0.1:${await findPort()}/a:1`)).rejects.toMatchObject(failure('unreachable'));
    await expect(ensure(busyboxImage, { platform: 'linux/arm64', policy: 'never' })).rejects.toMatchObject(
      failure('wrong-platform'),
    );
    await expect(ensure(`${open.host}/busybox:1`, { platform: 'linux/arm64' })).rejects.toMatchObject(
      failure('wrong-platform'),
    );
    await expect(ensure('UPPER')).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
    await expect(ensure('a', { platform: 'pdp-11' })).rejects.toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
  });

  test('pulls again what is there for another platform', async () => {
    const reference = `${open.host}/arm:1`;
    await docker(['tag', busyboxImage, reference]);
    expect(await ensure(reference, { platform: 'linux/arm64' })).toMatchObject({ digest: expect.any(String) });
    await expect(ensure(reference, { platform: 'linux/amd64' })).rejects.toMatchObject({
      details: { cause: 'wrong-platform' },
    });
  });

  test('logs in with what config.json says, and never repeats it', async () => {
    const reference = `${closed.host}/secret:1`;
    const auth = (password: string) => Buffer.from(`${registryUser}:${password}`).toString('base64');
    await writeConfig({ auths: { [`http://${closed.host}/v1/`]: { auth: auth(registryPassword) } } });
    expect(await ensure(reference)).toMatchObject({ reference });
    await remove(reference);
    await writeConfig({ auths: { [closed.host]: { auth: auth('wrong-horse') } } });
    const error = await ensure(reference).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'RECAC_IMAGE_PULL_FAILED', details: { cause: 'denied' } });
    expect(String((error as Error).message)).not.toContain('wrong-horse');
  });

  test('asks the helper of the registry or the store, and nobody for an image that is there', async () => {
    const reference = `${closed.host}/secret:1`;
    const answer = JSON.stringify({ ServerURL: closed.host, Username: registryUser, Secret: registryPassword });
    const script = `[ "$1" = get ] && [ "$(cat)" = '${closed.host}' ] && echo '${answer}'`;
    await writeHelper('recactest', script);
    await writeConfig({ credsStore: 'missing', credHelpers: { [closed.host]: 'recactest' } });
    expect(await ensure(reference)).toMatchObject({ reference });
    await writeConfig({ credsStore: 'missing' });
    expect(await ensure(reference)).toMatchObject({ reference });
    await remove(reference);
    await expect(ensure(reference)).rejects.toThrow('docker-credential-missing is not installed');
    await writeConfig({ credsStore: 'recactest' });
    expect(await ensure(reference)).toMatchObject({ reference });
  });

  test('the classic builder logs in for a base image', async () => {
    const auth = Buffer.from(`${registryUser}:${registryPassword}`).toString('base64');
    await writeConfig({ auths: { [closed.host]: { auth } } });
    const context = await mkdtemp(join(directory, 'context-'));
    await writeFile(join(context, 'Dockerfile'), `ARG host\nFROM $host/secret:1\n`);
    const places = { context, dockerfile: 'Dockerfile' };
    const tag = 'recac-test-login:1';
    made.add(tag);
    const options = { context, tag, buildArguments: { host: closed.host } };
    expect(await buildClassic(client, options, places)).toMatch(/^sha256:/);
  });

  test('callers share a pull, and one that gives up leaves the other alone', async () => {
    await using proxy = await startFaultyDaemon(new URL(host).pathname);
    const { client: counted } = await connectDaemon({ host: proxy.host }, AbortSignal.timeout(10_000));
    const pins = new ImagePins();
    const reference = `${open.host}/busybox:1`;
    const end = new AbortController();
    const both = [{ signal: end.signal, onProgress: () => end.abort() }, {}].map((options) =>
      ensureImage(counted, reference, options, pins),
    );
    const [first, second] = await Promise.allSettled(both);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'RECAC_ABORTED' } });
    expect(second).toMatchObject({ status: 'fulfilled' });
    expect(proxy.pulls).toBe(1);
    counted.close();
  });

  test.each<[string, string, RegExp]>([
    ['cut', '{"status":"Pulling"}\r\n', /the connection closed before the end/],
    ['garbled', '{"status":"Pulling"}\r\n<html>\r\n', /no JSON object/],
    ['failed', '{"errorDetail":{"message":"write /x: no space left on device"},"error":"x"}\r\n', /no-space/],
    ['empty', '', /is not there after its pull/],
  ])('a pull whose answer is %s is no success', async (kind, text, message) => {
    await using proxy = await startFaultyDaemon(new URL(host).pathname, (response) => {
      response.write(text || '\r\n');
      setTimeout(() => (kind === 'cut' ? response.destroy() : response.end()), 20);
    });
    const { client: faulty } = await connectDaemon({ host: proxy.host }, AbortSignal.timeout(10_000));
    const failed = ensureImage(faulty, `${open.host}/busybox:1`, {}, new ImagePins());
    await expect(failed).rejects.toMatchObject({
      code: 'RECAC_IMAGE_PULL_FAILED',
      message: expect.stringMatching(message),
    });
    faulty.close();
  });

  test('a cancelled pull ends at the daemon', async () => {
    await using proxy = await startFaultyDaemon(new URL(host).pathname, (response) =>
      response.write('{"status":"Pulling"}\r\n'),
    );
    const { client: faulty } = await connectDaemon({ host: proxy.host }, AbortSignal.timeout(10_000));
    const end = new AbortController();
    const pulling = ensureImage(
      faulty,
      `${open.host}/busybox:1`,
      { signal: end.signal, onProgress: () => end.abort() },
      new ImagePins(),
    );
    await expect(pulling).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
    await vi.waitFor(() => expect(proxy.closed).toBe(1), 5_000);
    faulty.close();
  });
});
