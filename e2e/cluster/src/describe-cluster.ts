import process from 'node:process';
import { describe, test } from 'vitest';
import { missingForCluster } from './missing-parts.ts';

/** The cluster that tests run against. */
export interface TestCluster {
  /** Path of a kubeconfig whose current context may do everything in its namespace. */
  readonly kubeconfig: string;
}

/**
 * A `describe` for tests that need a Kubernetes cluster with the test images. Without one its tests are skipped, with the reason in the title; where every
 * component is required that is a failure. The body itself must not use the cluster.
 */
export function describeCluster(title: string, body: (cluster: TestCluster) => void): void {
  const { RECAC_TEST_KUBECONFIG: kubeconfig, RECAC_TEST_KUBERNETES_MISSING: missing } = process.env;
  if (kubeconfig) {
    describe(title, () => body({ kubeconfig }));
    return;
  }
  leaveOut(title, missing ?? 'no cluster: set RECAC_TEST_KUBECONFIG', () => body({ kubeconfig: '' }));
}

/** A `describe` for tests that start a cluster of their own, to change it as they like. */
export function describeOwnCluster(title: string, body: () => void): void {
  const missing = process.env.RECAC_TEST_KUBERNETES_MISSING ?? missingForCluster();
  if (missing === undefined) describe(title, body);
  else leaveOut(title, missing, body);
}

function leaveOut(title: string, reason: string, body: () => void): void {
  if (process.env.CI === 'true' || process.env.RECAC_REQUIRE_ALL === '1') {
    test(title, () => {
      throw new Error(`this component is required here: ${reason}`);
    });
  } else {
    describe.skip(`${title} (skipped: ${reason})`, body);
  }
}
