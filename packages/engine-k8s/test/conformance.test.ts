import { describeCluster } from '@recac/e2e-cluster';
import { engineConformance } from '@recac/engine-conformance';
import { describe, test } from 'vitest';
import { createKubernetesEngine } from '../src/index.ts';

describeCluster('kubernetes engine', ({ kubeconfig }) => {
  const createEngine = () => createKubernetesEngine({ kubeconfig });
  engineConformance({ describe, test, createEngine, image: 'recac-test/busybox:1', usersImage: 'recac-test/debian:1' });
});
