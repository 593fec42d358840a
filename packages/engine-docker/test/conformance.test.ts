import process from 'node:process';
import { engineConformance } from '@recac/engine-conformance';
import { describe, test } from 'vitest';
import { createDockerEngine } from '../src/index.ts';

const host = process.env.RECAC_TEST_DOCKER_HOST ?? '';

describe('docker engine', () => {
  engineConformance({
    describe,
    test,
    createEngine: () => createDockerEngine({ host }),
    image: process.env.RECAC_TEST_IMAGE ?? 'recac-test/busybox:1',
  });
});
