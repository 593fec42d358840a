import { describeDocker } from '@recac/e2e-docker';
import { engineConformance } from '@recac/engine-conformance';
import { describe, test } from 'vitest';
import { createDockerEngine } from '../src/index.ts';
import { busyboxImage } from './test-engine.ts';

describeDocker('docker engine', ({ host }) => {
  engineConformance({ describe, test, createEngine: () => createDockerEngine({ host }), image: busyboxImage });
});
