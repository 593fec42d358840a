import { randomUUID } from 'node:crypto';
import type { ContainerEngine } from '@recac/engine-core';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { runKubectl } from './kubectl-peer.ts';
import { benchImage, kubeconfig } from './peer-job.ts';

/** An environment that is measured. */
export interface MeasuredEnvironment {
  /** Its id. */
  readonly id: string;
  /** Name of its pod, for the peer. */
  readonly pod: string;
}

/** Runs work with some environments on the cluster, and leaves nothing. */
export async function withKubernetesEnvironments<T>(
  count: number,
  work: (engine: ContainerEngine, environments: readonly MeasuredEnvironment[]) => Promise<T>,
): Promise<T> {
  await using engine = createKubernetesEngine({ kubeconfig });
  const environments: MeasuredEnvironment[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      const spec = { sessionId: `bench-${randomUUID()}`, image: benchImage, network: 'open' } as const;
      const { id, name } = await engine.startEnvironment(spec);
      environments.push({ id, pod: '' });
      const selector = ['--selector', `recac.dev/name=${name}`];
      const pod = await runKubectl(['get', 'pods', ...selector, '-o', 'jsonpath={.items[0].metadata.name}']);
      environments[index] = { id, pod: pod.trim() };
    }
    return await work(engine, environments);
  } finally {
    for (const { id } of environments) await engine.stopEnvironment(id);
  }
}
