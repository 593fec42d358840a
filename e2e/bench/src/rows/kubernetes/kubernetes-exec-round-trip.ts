import assert from 'node:assert/strict';
import { type BenchmarkRow, ratioResult, toldResult } from '../../benchmark-row.ts';
import { execTrue } from '../../docker/exec-true.ts';
import { interleave } from '../../interleave.ts';
import { createClientNodePeer } from '../../kubernetes/client-node-peer.ts';
import { runKubectl } from '../../kubernetes/kubectl-peer.ts';
import { withKubernetesEnvironments } from '../../kubernetes/kubernetes-environments.ts';
import { summarize } from '../../statistics.ts';

/** B21: one `true`, durable, against kubectl. */
export const kubernetesExecRoundTrip: BenchmarkRow = {
  id: 'B21-kubernetes',
  title: 'B21: exec([true]), recorded and durable, against kubectl exec, and client-node',
  peer: 'kubectl exec POD -- true',
  run: ({ quick }) =>
    withKubernetesEnvironments(1, async (engine, [environment]) => {
      assert.ok(environment);
      const { id, pod } = environment;
      const clientNode = createClientNodePeer();
      const works = [
        (): Promise<void> => execTrue(engine, id),
        async (): Promise<void> => {
          await runKubectl(['exec', pod, '--', 'true']);
        },
        (): Promise<void> => clientNode.run(pod),
      ];
      const [ours, kubectl, program] = (await interleave(quick ? 10 : 100, works)).map(summarize);
      assert.ok(ours && kubectl && program);
      return [
        ratioResult('p50 ms', ours.p50, kubectl.p50, 0.035, { ours, peer: kubectl }),
        toldResult('p50 ms, against client-node', ours.p50, program.p50),
      ];
    }),
};
