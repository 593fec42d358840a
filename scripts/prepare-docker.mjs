import { buildBuildx, missingForBuildx } from '../e2e/docker/src/buildx-plugin.ts';
import { missingForDaemon } from '../e2e/docker/src/missing-parts.ts';
import { inOwnNetwork } from '../e2e/docker/src/own-network.ts';
import { cachedImage, testImages } from '../e2e/images/src/index.ts';

/**
 * The command of a test run, and what to add to its environment, so that the Docker daemon that it starts disturbs no
 * other one. It runs in a network of its own then, without a mirror, so the images and buildx are built before.
 */
export async function prepareDocker(argv) {
  if (process.env.RECAC_TEST_DOCKER_HOST) return { argv, env: await prepareBuildx() };
  if (missingForDaemon() !== undefined) return { argv, env: {} };
  try {
    for (const recipe of testImages) await cachedImage(recipe);
    return { argv: inOwnNetwork(argv), env: await prepareBuildx() };
  } catch (error) {
    console.log(error.message);
    return { argv, env: { RECAC_TEST_DOCKER_MISSING: `an image could not be built: ${error.message.split('\n')[0]}` } };
  }
}

async function prepareBuildx() {
  if (missingForBuildx() !== undefined) return {};
  try {
    await buildBuildx();
    return {};
  } catch (error) {
    console.log(error.message);
    return { RECAC_TEST_BUILDX_MISSING: `buildx could not be built: ${error.message.split('\n')[0]}` };
  }
}
