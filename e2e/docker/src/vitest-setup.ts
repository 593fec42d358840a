import process from 'node:process';
import { importImages, testImages } from '@recac/e2e-images';
import { missingForDaemon } from './missing-parts.ts';
import { hasOtherDaemon } from './other-daemon.ts';
import { startDaemon } from './start-daemon.ts';

/**
 * Gives the tests of the run a daemon, in RECAC_TEST_DOCKER_HOST: the one that the developer has set, else a private
 * one. RECAC_TEST_DOCKER_MISSING says why there is none. Vitest calls this once, and what it returns at the end.
 */
export async function setup(): Promise<() => Promise<void>> {
  const given = process.env.RECAC_TEST_DOCKER_HOST;
  if (given !== undefined && given !== '') {
    await importImages(given, testImages);
    return async () => {};
  }
  const missing =
    process.env.RECAC_TEST_DOCKER_MISSING ?? missingForDaemon() ?? ((await hasOtherDaemon()) ? otherDaemon : undefined);
  if (missing !== undefined) return leaveOut(missing);
  try {
    const daemon = await startDaemon({ images: testImages, network: 'shared', keep: true });
    process.env.RECAC_TEST_DOCKER_HOST = daemon.host;
    return () => daemon.stop();
  } catch (error) {
    console.error(error);
    return leaveOut('the private Docker daemon did not start');
  }
}

function leaveOut(reason: string): () => Promise<void> {
  console.warn(`No tests with Docker: ${reason}`);
  process.env.RECAC_TEST_DOCKER_MISSING = reason;
  return async () => {};
}

const otherDaemon =
  'a Docker daemon runs here, and a second one would change its firewall: set RECAC_TEST_DOCKER_HOST, or run npm test';
