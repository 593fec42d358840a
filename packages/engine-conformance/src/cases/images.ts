import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorCode } from '@recac/engine-core';
import type { BooleanCapability, ConformanceCase } from '../conformance-case.ts';
import { expectInvalid, expectRejection } from '../expect-rejection.ts';

const requires: readonly BooleanCapability[] = ['images'];
const startFailures: readonly ErrorCode[] = [
  'RECAC_IMAGE_NOT_FOUND',
  'RECAC_IMAGE_PULL_FAILED',
  'RECAC_ENVIRONMENT_START_FAILED',
  'RECAC_ENVIRONMENT_START_TIMEOUT',
];

/** A reference that is well formed and exists nowhere: nothing answers on that port. */
const missingImage = 'localhost:1/recac-conformance/missing:none';

/** Cases of group `images`: presence, absence and builds of images. */
export const imagesCases: readonly ConformanceCase[] = [
  {
    id: 'images/ensure',
    contract: 'ensureImage resolves with the reference when the image is there, again and again.',
    requires,
    deadlineMs: 300_000,
    async run(context) {
      for (let round = 0; round < 2; round += 1) {
        assert.equal((await context.engine.ensureImage(context.image)).reference, context.image);
      }
    },
  },
  {
    id: 'images/missing',
    contract: 'ensureImage of an image that is not there, and may not be pulled, rejects with RECAC_IMAGE_NOT_FOUND.',
    requires,
    async run(context) {
      await expectRejection(
        context.engine.ensureImage(missingImage, { policy: 'never' }),
        ['RECAC_IMAGE_NOT_FOUND'],
        'never pull',
      );
    },
  },
  {
    id: 'images/pull-fails',
    contract:
      'ensureImage of an image that cannot be pulled rejects with RECAC_IMAGE_NOT_FOUND or RECAC_IMAGE_PULL_FAILED.',
    requires,
    deadlineMs: 120_000,
    async run(context) {
      await expectRejection(
        context.engine.ensureImage(missingImage),
        ['RECAC_IMAGE_NOT_FOUND', 'RECAC_IMAGE_PULL_FAILED'],
        'pull',
      );
    },
  },
  {
    id: 'images/malformed',
    contract: 'A malformed reference is refused with RECAC_INVALID_ARGUMENT.',
    requires,
    async run(context) {
      for (const reference of [
        '',
        'UPPER/Case',
        ':tag',
        'a b',
        '-dash',
        'https://host/image',
        'image\n',
        'image@sha256:12',
        'a:b:c',
        'host:70000/image',
      ]) {
        await expectInvalid(context.engine.ensureImage(reference), JSON.stringify(reference));
        await expectInvalid(
          context.engine.startEnvironment(context.specification({ image: reference })),
          `start with ${JSON.stringify(reference)}`,
        );
      }
    },
  },
  {
    id: 'images/required',
    contract: 'startEnvironment without an image is refused with RECAC_INVALID_ARGUMENT.',
    requires,
    async run(context) {
      const { sessionId } = context.specification();
      await expectInvalid(context.engine.startEnvironment({ sessionId }), 'no image');
    },
  },
  {
    id: 'images/start-with-missing',
    contract: 'A start with an image that is not there rejects with the cause and leaves nothing.',
    requires,
    deadlineMs: 120_000,
    async run(context) {
      const specification = context.specification({ image: missingImage, pendingTimeoutMs: 20_000 });
      await expectRejection(context.engine.startEnvironment(specification), startFailures, 'a missing image');
      assert.deepEqual(await context.engine.listEnvironments({ sessionId: specification.sessionId }), []);
    },
  },
  {
    id: 'images/in-the-status',
    contract: 'The status of an environment names its image.',
    requires,
    async run(context) {
      const { id } = await context.start();
      assert.equal((await context.engine.inspectEnvironment(id)).image, context.image);
    },
  },
  {
    id: 'images/build',
    contract: 'buildImage gives an image that an environment can be started from, by its tag and by the id it returns.',
    requires: ['images', 'buildImage'],
    deadlineMs: 300_000,
    async run(context) {
      const directory = await context.temporaryDirectory();
      await writeFile(join(directory, 'Dockerfile'), `FROM ${context.image}\nCOPY built /recac-built\n`);
      await writeFile(join(directory, 'built'), 'by the suite\n');
      const tag = 'recac-conformance:built';
      const built = await context.engine.buildImage({ context: directory, tag });
      for (const image of [tag, built]) {
        const { id } = await context.start({ image });
        assert.equal((await context.engine.exec(id, ['cat', '/recac-built'])).stdout, 'by the suite\n');
      }
    },
  },
  {
    id: 'images/list',
    contract: 'listImages tells every image that is there, newest first, each with its id.',
    requires: ['images', 'listImages'],
    deadlineMs: 300_000,
    async run(context) {
      await context.engine.ensureImage(context.image);
      const images = await context.engine.listImages();
      assert.ok(images.length > 0, 'no image is listed');
      assert.ok(images.every(({ id }) => id.startsWith('sha256:')));
      const times = images.map(({ createdAt }) => createdAt.getTime());
      assert.deepEqual(
        times,
        times.toSorted((one, other) => other - one),
      );
    },
  },
  {
    id: 'images/build-refused',
    contract:
      'A Dockerfile outside the context, a context that is no directory or an address, and a build argument named like a secret are refused with RECAC_INVALID_ARGUMENT.',
    requires: ['images', 'buildImage'],
    async run(context) {
      const directory = await context.temporaryDirectory();
      await writeFile(join(directory, 'Dockerfile'), `FROM ${context.image}\n`);
      const build = (options: object) =>
        context.engine.buildImage({ context: directory, tag: 'recac-conformance:refused', ...options });
      await expectInvalid(build({ dockerfile: '../Dockerfile' }), 'a Dockerfile outside');
      await expectInvalid(build({ context: join(directory, 'Dockerfile') }), 'a file as context');
      await expectInvalid(build({ context: join(directory, 'missing') }), 'a missing context');
      await expectInvalid(build({ context: 'https://localhost:1/a.git' }), 'an address as context');
      await expectInvalid(build({ buildArguments: { NPM_TOKEN: 'x' } }), 'a secret as argument');
      await expectInvalid(build({ tag: 'a b' }), 'a malformed tag');
    },
  },
  {
    id: 'images/build-cancelled',
    contract: 'A build whose signal fires rejects with RECAC_ABORTED.',
    requires: ['images', 'buildImage'],
    deadlineMs: 120_000,
    async run(context) {
      const directory = await context.temporaryDirectory();
      await writeFile(join(directory, 'Dockerfile'), `FROM ${context.image}\nCOPY . /recac\n`);
      const end = new AbortController();
      const building = context.engine.buildImage({
        context: directory,
        tag: 'recac-conformance:cancelled',
        noCache: true,
        signal: end.signal,
        onProgress: () => end.abort(),
      });
      await expectRejection(building, ['RECAC_ABORTED'], 'a cancelled build');
    },
  },
  {
    id: 'images/build-fails',
    contract: 'A build that fails rejects with RECAC_IMAGE_BUILD_FAILED.',
    requires: ['images', 'buildImage'],
    deadlineMs: 300_000,
    async run(context) {
      const directory = await context.temporaryDirectory();
      await writeFile(join(directory, 'Dockerfile'), `FROM ${context.image}\nCOPY missing /missing\n`);
      const building = context.engine.buildImage({ context: directory, tag: 'recac-conformance:failed' });
      await expectRejection(building, ['RECAC_IMAGE_BUILD_FAILED'], 'a broken Dockerfile');
    },
  },
];
