import assert from 'node:assert/strict';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BenchmarkRow, ratioResult, toldResult } from '../../benchmark-row.ts';
import { runPeer } from '../../docker/docker-peer.ts';
import { runKubectl } from '../../kubernetes/kubectl-peer.ts';
import { withKubernetesEnvironments } from '../../kubernetes/kubernetes-environments.ts';
import { type ServedEnvironment, type ServedObject, withManyPods } from '../../kubernetes/many-pods-server.ts';

const program = fileURLToPath(new URL('../../watch-memory.ts', import.meta.url));

/** One environment as the real cluster serves it, with all that the server adds. */
function readServed(): Promise<ServedEnvironment> {
  return withKubernetesEnvironments(1, async (_engine, [environment]) => {
    assert.ok(environment);
    const pod = JSON.parse(await runKubectl(['get', '--raw', `/api/v1/namespaces/default/pods/${environment.pod}`]));
    const [owner] = pod.metadata.ownerReferences;
    const job = JSON.parse(
      await runKubectl(['get', '--raw', `/apis/batch/v1/namespaces/default/jobs/${owner.name}`]),
    ) as ServedObject;
    return { job, pod };
  });
}

/** Bytes of heap for each environment beyond the first ones, which pay for code and caches. */
async function measure(kind: string, served: ServedEnvironment, small: number, large: number): Promise<number> {
  const flags = ['--conditions=@recac/source', '--expose-gc', '--max-old-space-size=4096'];
  const used = (count: number): Promise<number> =>
    withManyPods(served, count, async (kubeconfig) =>
      Number(await runPeer(process.execPath, [...flags, program, kind, kubeconfig, String(count)])),
    );
  return ((await used(large)) - (await used(small))) / (large - small) / 1_024;
}

/** B23: heap of the client for each environment that it watches. */
export const watchMemory: BenchmarkRow = {
  id: 'B23-kubernetes',
  title: 'B23: heap for each of 5 000 watched environments, against informers of client-node',
  peer: 'node watch-memory.ts informer: makeInformer for pods and for Jobs, which a status is made of',
  run: async ({ quick }) => {
    const served = await readServed();
    const [small, large] = quick ? [50, 500] : [500, 5_000];
    const ours = await measure('ours', served, small, large);
    const informers = await measure('informer', served, small, large);
    const podInformer = await measure('pod-informer', served, small, large);
    return [
      ratioResult('KiB for each environment', ours, informers, 0.15),
      toldResult('KiB for each environment, against an informer of the pods alone', ours, podInformer),
    ];
  },
};
