import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { describeDocker } from '@recac/e2e-docker';
import type { BuildOptions } from '@recac/engine-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { buildImage } from '../../src/build/build-image.ts';
import { buildClassic } from '../../src/build/classic-build.ts';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import type { DaemonClient } from '../../src/daemon/daemon-client.ts';
import { ImagePins } from '../../src/image/image-pins.ts';
import { busyboxImage, withEnvironment } from '../test-engine.ts';

const run = promisify(execFile);
const tag = 'recac-test-build:1';

describeDocker('buildImage with the classic builder', ({ host }) => {
  let client: DaemonClient;
  let parent: string;
  let context: string;

  const built = new Set<string>();

  const build = async (options: Partial<BuildOptions> = {}, pins?: ImagePins) => {
    const id = await buildImage(client, { context, tag, ...options }, options.signal, pins);
    built.add(id);
    return id;
  };
  const remove = (image: string) =>
    client.docker
      .getImage(image)
      .remove({ force: true })
      .catch(() => {});
  const write = (name: string, text: string) => writeFile(join(context, name), text);

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'recac-build-'));
    ({ client } = await connectDaemon({ host }, AbortSignal.timeout(10_000)));
  });
  beforeEach(async () => {
    context = await mkdtemp(join(parent, 'context-'));
    // Without a docker command there is no buildx.
    vi.stubEnv('PATH', parent);
    await write('Dockerfile', `FROM ${busyboxImage}\nCOPY . /context\n`);
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(async () => {
    for (const id of built) await remove(id);
    client.close();
    await rm(parent, { recursive: true, force: true });
  });

  test('gives an id that an environment can be started from, with every file, label and argument', async () => {
    await write(
      'Dockerfile',
      `ARG base\nFROM $base AS one\nARG note\nCOPY . /context\nENV note=$note\nFROM one AS two\nENV note=two\n`,
    );
    const long = 'x'.repeat(120);
    await mkdir(join(context, long));
    await write(`${long}/${'ü'.repeat(100)}`, 'long\n');
    await write('empty', '');
    await symlink('empty', join(context, 'link'));
    await run('/usr/bin/mkfifo', [join(context, 'pipe')]);
    const lines: string[] = [];
    const id = await build({
      target: 'one',
      buildArguments: { base: busyboxImage, note: 'a b' },
      labels: { 'some.label': 'x=y' },
      onProgress: (line) => lines.push(line),
    });
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(lines).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Step 1\//), expect.stringContaining('pipe')]),
    );
    expect((await client.docker.getImage(tag).inspect()).Config.Labels).toMatchObject({ 'some.label': 'x=y' });
    await withEnvironment({ host }, { image: id }, async ({ engine, id: environment }) => {
      const script = 'cd /context && ls | sort | tr "\\n" " " && cat x*/* && readlink link && echo "$note"';
      const { stdout } = await engine.exec(environment, ['sh', '-c', script]);
      expect(stdout).toBe(`Dockerfile empty link ${long} long\nempty\na b\n`);
    });
  });

  test('names that are no text, and where such a link leads, are sent as they are', async () => {
    const odd = Buffer.concat([Buffer.from(`${context}/`), Buffer.of(0x61, 0xff)]);
    const long = Buffer.concat([odd, Buffer.alloc(120, 'x')]);
    await writeFile(odd, 'odd\n');
    await writeFile(long, 'long\n');
    await symlink(Buffer.of(0x61, 0xff), join(context, 'link'));
    await withEnvironment({ host }, { image: await build() }, async ({ engine, id }) => {
      const script = 'cd /context && cat link "$(printf "a\\377")"x* && readlink link | od -An -tx1';
      const { stdout } = await engine.exec(id, ['sh', '-c', script]);
      expect(stdout).toBe('odd\nlong\n 61 ff 0a\n');
    });
  });

  test('a daemon that takes the context and says nothing is given up', async () => {
    const socket = join(context, 'silent.sock');
    const server = createServer((incoming, response) => {
      if (incoming.url?.includes('/build')) incoming.resume();
      else response.setHeader('Api-Version', '1.41').end('{"Version":"1"}');
    });
    server.listen(socket);
    await once(server, 'listening');
    try {
      const { client: silent } = await connectDaemon({ host: `unix://${socket}` }, AbortSignal.timeout(10_000));
      const places = { context, dockerfile: 'Dockerfile' };
      await write('Dockerfile', 'FROM scratch\n');
      await expect(buildClassic(silent, { context, tag }, places, undefined, 500)).rejects.toMatchObject({
        code: 'RECAC_IMAGE_BUILD_FAILED',
        message: expect.stringContaining('said nothing for 0.5 s'),
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('a failed build tells the step and its last words', async () => {
    await write('Dockerfile', `FROM ${busyboxImage}\nCOPY nothing /\n`);
    await expect(build()).rejects.toMatchObject({
      code: 'RECAC_IMAGE_BUILD_FAILED',
      details: { step: 'Step 2/2 : COPY nothing /' },
    });
    await write('Dockerfile', 'NONSENSE\n');
    await expect(build()).rejects.toMatchObject({
      code: 'RECAC_IMAGE_BUILD_FAILED',
      message: expect.stringContaining('NONSENSE'),
    });
  });

  test('a cancelled build ends and leaves no container', async () => {
    const name = `recac-test-${randomUUID()}`;
    await write('Dockerfile', `FROM ${busyboxImage}\nLABEL name=${name}\nRUN sleep 1000\n`);
    const end = new AbortController();
    const building = build({ signal: end.signal, onProgress: (line) => line.includes('RUN sleep') && end.abort() });
    await expect(building).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
    const filters = { label: [`name=${name}`] };
    await vi.waitFor(
      async () => expect(await client.docker.listContainers({ all: true, filters })).toEqual([]),
      20_000,
    );
  });

  test('a build that is cancelled when its image is already there gives no tag', async () => {
    const late = `recac-test-late-${randomUUID()}:1`;
    await write('Dockerfile', `FROM ${busyboxImage}\nLABEL late=yes\n`);
    // Several times: an error of the connection that nobody heard depended on the moment.
    for (let round = 0; round < 5; round += 1) {
      const end = new AbortController();
      const onProgress = (line: string): void => {
        if (line.startsWith('Successfully built')) end.abort();
      };
      const building = build({ tag: late, signal: end.signal, onProgress });
      await expect(building).rejects.toMatchObject({ code: 'RECAC_ABORTED' });
      await expect(client.docker.getImage(late).inspect()).rejects.toMatchObject({ statusCode: 404 });
    }
  });

  test('gives a tag another meaning, for pins too', async () => {
    const pins = new ImagePins();
    pins.pin(tag, 'linux/amd64', `x@sha256:${'0'.repeat(64)}`);
    await build({}, pins);
    expect(pins.resolve(tag, 'linux/amd64')).toBe(tag);
    const written = ['recac-test-build', 'docker.io/library/recac-test-build:latest'] as const;
    pins.pin(written[0], 'linux/amd64', `x@sha256:${'0'.repeat(64)}`);
    await build({ tag: written[1] }, pins);
    expect(pins.resolve(written[0], 'linux/amd64')).toBe(written[0]);
  });

  test('refuses what cannot be built, naming the field, before anything is sent', async () => {
    await mkdir(join(context, 'inner'));
    await symlink('/etc/passwd', join(context, 'away'));
    await symlink('Dockerfile', join(context, 'alias'));
    const refused: readonly [string, Partial<BuildOptions>][] = [
      ['context', { context: join(context, 'missing') }],
      ['context', { context: join(context, 'Dockerfile') }],
      ['context', { context: 'https://example.com/a.git' }],
      ['context', { context: 'git@example.com:a/b' }],
      ['context', { context: '' }],
      ['dockerfile', { context: join(context, 'inner'), dockerfile: '../Dockerfile' }],
      ['dockerfile', { dockerfile: '/etc/passwd' }],
      ['dockerfile', { dockerfile: 'away' }],
      ['dockerfile', { dockerfile: 'inner' }],
      ['dockerfile', { dockerfile: 'missing' }],
      ['dockerfile', { dockerfile: 'https://example.com/Dockerfile' }],
      ['tag', { tag: 'UPPER' }],
      ['target', { target: '--push' }],
      ['platform', { platform: 'linux' }],
      ['buildArguments', { buildArguments: { 'a b': 'x' } }],
      ['secrets.id', { secrets: { id: { file: join(context, 'missing') } } }],
      ['secrets.id', { secrets: { id: { environmentVariable: 'RECAC_TEST_NOT_SET' } } }],
    ];
    for (const [field, options] of refused)
      await expect(build(options), JSON.stringify(options)).rejects.toMatchObject({
        code: 'RECAC_INVALID_ARGUMENT',
        details: { field },
      });
    for (const name of [
      'TOKEN',
      'NPM_TOKEN',
      'dbPassword',
      'AWS_SECRET_ACCESS_KEY',
      'API_KEY',
      'APIKEY',
      'PRIVATE_KEY',
      'CREDENTIALS',
      'passwd',
    ])
      await expect(build({ buildArguments: { [name]: 'x' } })).rejects.toMatchObject({
        details: { field: `buildArguments.${name}` },
      });
    expect(await build({ dockerfile: 'alias', buildArguments: { TOKENIZER: 'x', AUTHOR: 'y' } })).toMatch(/^sha256:/);
    expect(await build({ dockerfile: join(context, 'Dockerfile') })).toMatch(/^sha256:/);
    const secrets = { id: { file: join(context, 'Dockerfile') } };
    await expect(build({ secrets })).rejects.toMatchObject({
      code: 'RECAC_CAPABILITY_UNSUPPORTED',
      message: expect.stringContaining('buildx'),
    });
  });

  test('a context file that cannot be read is named', async () => {
    if (process.getuid?.() === 0) return;
    await writeFile(join(context, 'closed'), '', { mode: 0 });
    await expect(build()).rejects.toMatchObject({
      code: 'RECAC_PERMISSION_DENIED',
      message: expect.stringContaining('closed'),
    });
  });
});
