import { describeCluster } from '@recac/e2e-cluster';
import { workspaceConformance } from '@recac/engine-conformance';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { describe, test } from 'vitest';
import { createBind, createGit, createUpload } from '../workspaces-under-test.ts';

describeCluster('upload on Kubernetes', ({ kubeconfig }) => {
  const createEngine = () => createKubernetesEngine({ kubeconfig });
  workspaceConformance({ describe, test, createEngine, createWorkspace: createUpload, image: 'recac-test/busybox:1' });
});

describeCluster('git on Kubernetes', ({ kubeconfig }) => {
  const createEngine = () => createKubernetesEngine({ kubeconfig });
  workspaceConformance({ describe, test, createEngine, createWorkspace: createGit, image: 'recac-test/debian:1' });
});

describeCluster('host-path on Kubernetes', ({ kubeconfig }) => {
  const createEngine = () => createKubernetesEngine({ kubeconfig });
  workspaceConformance({
    describe,
    test,
    createEngine,
    createWorkspace: createBind,
    sharesDirectory: true,
    image: 'recac-test/busybox:1',
  });
});
