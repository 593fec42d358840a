import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDocker } from '@recac/e2e-docker';
import { expect, test, vi } from 'vitest';
import { findBaseImages } from '../../src/build/base-images.ts';
import { buildImage } from '../../src/build/build-image.ts';
import { toBuildxArguments } from '../../src/build/buildx-build.ts';
import { connectDaemon } from '../../src/daemon/connect-daemon.ts';
import { busyboxImage } from '../test-engine.ts';

test('values of secrets are no arguments, and a comma in a path is no end of a field', () => {
  vi.stubEnv('RECAC_TEST_SECRET', 's3cret');
  const secrets = { one: { environmentVariable: 'RECAC_TEST_SECRET' }, two: { file: '/a,b/"c"' } };
  const all = toBuildxArguments(
    { context: '.', tag: 'a', secrets },
    { context: '/context', dockerfile: 'Dockerfile' },
    '/id',
  );
  expect(all.join('\n')).not.toContain('s3cret');
  expect(all).toEqual(expect.arrayContaining(['id=one,env=RECAC_TEST_SECRET', 'id=two,"src=/a,b/""c"""']));
  expect(all.at(-1)).toBe('/context');
  vi.unstubAllEnvs();
});

test('base images are found through arguments, and stages are none', () => {
  const text = `ARG VERSION=1\nARG base="host:5000/a"\nFROM --platform=linux/amd64 $base:\${VERSION} AS one\nFROM one\nFROM scratch\nfrom b as \\\n two\nFROM \${NONE:-c}\n`;
  expect(findBaseImages(text, { VERSION: '2' })).toEqual(['host:5000/a:2', 'b', 'c']);
});

const missing = spawnSync('docker', ['buildx', 'version']).status !== 0;

describeDocker('buildImage with buildx', ({ host }) => {
  test.skipIf(missing)('builds with a secret, and tells the step that failed', async () => {
    const context = await mkdtemp(join(tmpdir(), 'recac-buildx-'));
    const { client } = await connectDaemon({ host }, AbortSignal.timeout(10_000));
    const tag = 'recac-test-buildx:1';
    try {
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
    } finally {
      await client.docker
        .getImage(tag)
        .remove({ force: true })
        .catch(() => {});
      client.close();
      await rm(context, { recursive: true, force: true });
    }
  });
});
