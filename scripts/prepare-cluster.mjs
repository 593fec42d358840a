import { buildProgram } from '../e2e/cluster/src/build-program.ts';
import { missingForCluster } from '../e2e/cluster/src/missing-parts.ts';
import { parseVersion } from '../e2e/cluster/src/versions.ts';

/**
 * What to add to the environment of a test run, so that it can start a Kubernetes cluster. The program with its components is built before, since the run may
 * have a network of its own.
 */
export async function prepareCluster() {
  if (process.env.RECAC_TEST_KUBECONFIG || missingForCluster() !== undefined) return {};
  try {
    await buildProgram(parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION));
    return {};
  } catch (error) {
    console.log(error.message);
    return { RECAC_TEST_KUBERNETES_MISSING: `Kubernetes could not be built: ${error.message.split('\n')[0]}` };
  }
}
