import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeBuildx, installBuildx, startDaemon, testImages } from '@recac/e2e-docker';
import { expect, test, vi } from 'vitest';
import { findBaseImages } from '../../src/build/base-images.ts';
import { buildImage } from '../../src/build/build-image.ts';
import { toBuildxArguments } from '../../src/build/buildx-build.ts';
import { type ConnectOptions, connectDaemon } from '../../src/daemon/connect-daemon.ts';
import type { DaemonClient } from '../../src/daemon/daemon-client.ts';
import { makeCertificates } from '../daemon/test-certificates.ts';
import { findFreePort } from '../daemon/test-ssh-server.ts';
import { busyboxImage } from '../test-engine.ts';

test('values of secrets are no arguments, and a comma in a path is no end of a field', () => {
  vi.stubEnv('RECAC_TEST_SECRET', 's3cret');
  const secrets = { one: { environmentVariable: 'RECAC_TEST_SECRET' }, two: { file: '/a,b/"c"' } };
  const all = toBuildxArguments(
    { context: '.', tag: 'a', secrets },
    { context: '/context', dockerfile: 'Dockerfile' },
    { id: '/id', metadata: '/metadata' },
  );
  expect(all.join('\n')).not.toContain('s3cret');
  expect(all).toEqual(expect.arrayContaining(['id=one,env=RECAC_TEST_SECRET', 'id=two,"src=/a,b/""c"""']));
  expect(all.at(-1)).toBe('/context');
  vi.unstubAllEnvs();
});

test('base images are found through arguments, and those that are copied from; stages are none', () => {
  const text = `ARG VERSION=1\nARG base="host:5000/a"\nFROM --platform=linux/amd64 $base:\${VERSION} AS one\nFROM one\nFROM scratch\nfrom b as \\\n two\nFROM \${NONE:-c}\nCOPY --from=ONE / /\nCOPY --chown=1:1 --from=host:5000/d:1 /e /\nCOPY --from=0 /f --from=g /\n`;
  expect(findBaseImages(text, { VERSION: '2' })).toEqual(['host:5000/a:2', 'b', 'c', 'host:5000/d:1']);
});

/** With what a user's own settings may say of another daemon. */
async function withBuildx(
  options: ConnectOptions,
  work: (place: { readonly context: string; readonly client: DaemonClient }) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-buildx-'));
  const { client } = await connectDaemon(options, AbortSignal.timeout(25_000));
  try {
    await installBuildx(join(directory, 'config'));
    await mkdir(join(directory, 'context'));
    vi.stubEnv('DOCKER_CONFIG', join(directory, 'config'));
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:7');
    vi.stubEnv('BUILDX_BUILDER', 'another');
    await work({ context: join(directory, 'context'), client });
  } finally {
    vi.unstubAllEnvs();
    await client.docker
      .getImage(tag)
      .remove({ force: true })
      .catch(() => {});
    client.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const tag = 'recac-test-buildx:1';

describeBuildx('buildImage with buildx', ({ host }) => {
  test('builds with a secret, and tells the step that failed', () =>
    withBuildx({ host }, async ({ context, client }) => {
      const mount = '--mount=type=secret,id=one';
      await writeFile(
        join(context, 'Dockerfile'),
        `FROM ${busyboxImage}\nRUN ${mount} grep -q s3cret /run/secrets/one\nCOPY secret /\n`,
      );
      await writeFile(join(context, 'secret'), 's3cret');
      const options = { context, tag, secrets: { one: { file: join(context, 'secret') } } };
      expect(await buildImage(client, options)).toBe((await client.docker.getImage(tag).inspect()).Id);
      await writeFile(join(context, 'Dockerfile'), `FROM ${busyboxImage}\nCOPY nothing /\n`);
      await expect(buildImage(client, options)).rejects.toMatchObject({
        code: 'RECAC_IMAGE_BUILD_FAILED',
        details: { step: '[2/2] COPY nothing /' },
      });
    }));

  // No issue number: a review found that buildx asks git about the context, with what the configuration there names.
  test('runs no program that a repository in the context names', () =>
    withBuildx({ host }, async ({ context, client }) => {
      const mark = join(context, '..', 'ran');
      const git = async (...args: string[]) =>
        (await promisify(execFile)('git', ['-C', context, ...args])).stdout.trim();
      await git('init', '--quiet');
      const program = join(context, 'program');
      await writeFile(program, `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
      // What HEAD names is not there: git looks for it where the repository says that it is to be had.
      const settings = { 'x.promisor': 'true', 'x.url': `ext::${program}`, 'x.fetch': '+refs/*:refs/*' };
      for (const [key, value] of Object.entries(settings)) await git('config', `remote.${key}`, value);
      await git('config', 'core.repositoryFormatVersion', '1');
      await git('config', 'extensions.partialClone', 'x');
      await git('config', 'protocol.ext.allow', 'always');
      await writeFile(join(context, '.git', 'HEAD'), `${'1'.repeat(40)}\n`);
      await expect(git('show', '--quiet', 'HEAD')).rejects.toThrow();
      await rm(mark);
      await writeFile(join(context, 'Dockerfile'), `FROM ${busyboxImage}\nCOPY Dockerfile /\n`);
      await buildImage(client, { context, tag });
      expect(existsSync(mark)).toBe(false);
    }));

  test('a build that is cancelled, early or when its image is already there, gives no tag', () =>
    withBuildx({ host }, async ({ context, client }) => {
      for (const [step, moment] of [
        ['RUN sleep 1000', 'RUN sleep'],
        ['COPY Dockerfile /', 'writing image'],
      ] as const) {
        await writeFile(join(context, 'Dockerfile'), `FROM ${busyboxImage}\n${step}\n`);
        const end = new AbortController();
        const onProgress = (line: string): void => {
          if (line.includes(moment)) end.abort();
        };
        await expect(buildImage(client, { context, tag, onProgress }, end.signal)).rejects.toMatchObject({
          code: 'RECAC_ABORTED',
        });
        await expect(client.docker.getImage(tag).inspect()).rejects.toMatchObject({ statusCode: 404 });
      }
    }));
});

describeBuildx('buildImage with buildx over TLS', () => {
  test('gives the docker command what the daemon asks of a client', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'recac-buildx-tls-'));
    try {
      await makeCertificates(directory);
      const file = (name: string): string => join(directory, name);
      const host = `tcp://127.0.0.1:${await findFreePort()}`;
      const tls = [
        '--tlscacert',
        file('ca.pem'),
        '--tlscert',
        file('server-cert.pem'),
        '--tlskey',
        file('server-key.pem'),
      ];
      await using _daemon = await startDaemon({
        flags: ['--bridge', 'none', '--iptables=false', '--ip-forward=false', '--host', host, '--tlsverify', ...tls],
        images: testImages.filter(({ reference }) => reference === busyboxImage),
        network: 'shared',
      });
      const variables = { DOCKER_CERT_PATH: directory, DOCKER_TLS_VERIFY: '1' };
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
      await withBuildx({ host }, async ({ context, client }) => {
        for (const name of Object.keys(variables)) vi.stubEnv(name, '');
        await writeFile(join(context, 'Dockerfile'), `FROM ${busyboxImage}\nCOPY Dockerfile /\n`);
        expect(await buildImage(client, { context, tag })).toBe((await client.docker.getImage(tag).inspect()).Id);
      });
    } finally {
      vi.unstubAllEnvs();
      await rm(directory, { recursive: true, force: true });
    }
  }, 120_000);
});
