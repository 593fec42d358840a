import { describePodman, type RunningPodman, startPodman, testImages } from '@recac/e2e-docker';
import { engineConformance } from '@recac/engine-conformance';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createDockerEngine } from '../src/index.ts';
import { busyboxImage } from './test-engine.ts';

describePodman('docker engine on Podman', () => {
  let podman: RunningPodman | undefined;

  beforeAll(async () => {
    podman = await startPodman(testImages.slice(0, 1));
  }, 120_000);

  afterAll(() => podman?.stop(), 60_000);

  // The suite makes one before anything runs, to see what it can do.
  const createEngine = () => createDockerEngine({ host: podman?.host ?? 'unix:///not-started' });
  engineConformance({ describe, test, createEngine, image: busyboxImage });
});
