import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { missingForCluster } from './missing-parts.ts';
import { startCluster } from './start-cluster.ts';
import { parseVersion } from './versions.ts';

/**
 * Gives the tests of the run a cluster, in RECAC_TEST_KUBECONFIG: the one that the developer has set, else one of our own, of version
 * RECAC_TEST_KUBERNETES_VERSION. RECAC_TEST_KUBERNETES_MISSING says why there is none. Vitest calls this once, and what it returns at the end.
 */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env.RECAC_TEST_KUBECONFIG) return async () => {};
  const missing = process.env.RECAC_TEST_KUBERNETES_MISSING ?? missingForCluster();
  if (missing !== undefined) return leaveOut(missing);
  try {
    const directory = await mkdtemp(join(tmpdir(), 'recac-cluster-'));
    const version = parseVersion(process.env.RECAC_TEST_KUBERNETES_VERSION);
    const cluster = await startCluster({ directory, version });
    process.env.RECAC_TEST_KUBECONFIG = cluster.kubeconfig;
    return () => cluster.stop();
  } catch (error) {
    console.error(error);
    return leaveOut('the test cluster did not start');
  }
}

function leaveOut(reason: string): () => Promise<void> {
  console.warn(`No tests with Kubernetes: ${reason}`);
  process.env.RECAC_TEST_KUBERNETES_MISSING = reason;
  return async () => {};
}
