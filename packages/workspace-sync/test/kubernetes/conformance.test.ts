import { describeCluster, makeClaim } from '@recac/e2e-cluster';
import { workspaceConformance } from '@recac/engine-conformance';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { containerWorkspaces, createGit, withClaim } from '../workspaces-under-test.ts';

for (const { name, ...workspace } of containerWorkspaces) {
  describeCluster(`${name} on Kubernetes`, ({ kubeconfig }) => {
    const createEngine = () => createKubernetesEngine({ kubeconfig });
    workspaceConformance({ describe, test, createEngine, ...workspace });
  });
}

describeCluster('git on a PersistentVolumeClaim', ({ kubeconfig }) => {
  const claimName = `conformance-${process.pid}`;
  let claim: AsyncDisposable | undefined;
  beforeAll(async () => {
    claim = await makeClaim({ kubeconfig, namespace: 'default', claimName });
  });
  afterAll(() => claim?.[Symbol.asyncDispose]());
  const createEngine = () => createKubernetesEngine({ kubeconfig });
  const createWorkspace = withClaim(createGit, claimName);
  workspaceConformance({ describe, test, createEngine, createWorkspace, image: 'recac-test/debian:1' });
});
