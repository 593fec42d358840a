import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { type BenchmarkRow, ratioResult, toldResult } from '../../benchmark-row.ts';
import { execTrue } from '../../docker/exec-true.ts';
import { createClientNodePeer } from '../../kubernetes/client-node-peer.ts';
import { removeByKubectl, startByKubectl } from '../../kubernetes/kubectl-peer.ts';
import { benchImage, kubeconfig } from '../../kubernetes/peer-job.ts';
import { summarize } from '../../statistics.ts';

async function time<Result>(work: () => Promise<Result>): Promise<{ readonly ms: number; readonly result: Result }> {
  const begin = performance.now();
  const result = await work();
  return { ms: performance.now() - begin, result };
}

/** B20: from the creation of a Job to the end of its first command. */
export const jobStart: BenchmarkRow = {
  id: 'B20-kubernetes',
  title:
    'B20: startEnvironment and its first exec([true]), against kubectl, and against a careful program over client-node',
  peer: 'kubectl apply -f -; kubectl wait pod --for condition=Ready; kubectl exec job/NAME -- true',
  run: async ({ quick }) => {
    await using engine = createKubernetesEngine({ kubeconfig });
    await engine.init();
    const clientNode = createClientNodePeer();
    const times: number[][] = [[], [], [], [], []];
    for (let repeat = -1; repeat < (quick ? 3 : 15); repeat += 1) {
      const ours = await time(async () => {
        const spec = { sessionId: `bench-${randomUUID()}`, image: benchImage, network: 'open' } as const;
        const { id } = await engine.startEnvironment(spec);
        await execTrue(engine, id);
        return id;
      });
      await engine.stopEnvironment(ours.result);
      const byKubectl = await time(startByKubectl);
      await removeByKubectl(byKubectl.result);
      const byClientNode = await time(clientNode.start);
      await removeByKubectl(byClientNode.result);
      const floor = await time(() => clientNode.startEagerly({ volumes: true }));
      await removeByKubectl(floor.result);
      const bare = await time(() => clientNode.startEagerly({ volumes: false }));
      await removeByKubectl(bare.result);
      if (repeat < 0) continue;
      for (const [index, { ms }] of [ours, byKubectl, byClientNode, floor, bare].entries()) times[index]?.push(ms);
    }
    const [ours, kubectl, program, floor, bare] = times.map(summarize);
    assert.ok(ours && kubectl && program && floor && bare);
    return [
      ratioResult('p50 ms, against kubectl', ours.p50, kubectl.p50, 0.3, { ours, peer: kubectl }),
      ratioResult('p50 ms, against client-node', ours.p50, program.p50, 0.9, { ours, peer: program }),
      toldResult('p50 ms, against the floor: the same pod, the command tried from the node on', ours.p50, floor.p50, {
        floor,
      }),
      toldResult(
        'p50 ms, against the floor of a pod without volumes, which the kubelet looks for every 300 ms',
        ours.p50,
        bare.p50,
        { bare },
      ),
    ];
  },
};
