import assert from 'node:assert/strict';
import { atLeastResult, type BenchmarkRow } from '../../benchmark-row.ts';
import { runPeer } from '../../docker/docker-peer.ts';
import { inParallel } from '../../docker/in-parallel.ts';
import { withKubernetesEnvironments } from '../../kubernetes/kubernetes-environments.ts';
import { kubeconfig, kubectl } from '../../kubernetes/peer-job.ts';
import { perSecond } from '../../statistics.ts';

const callers = 16;
const environments = 4;

/** B5 on Kubernetes: many callers at a time. */
export const kubernetesExecThroughput: BenchmarkRow = {
  id: 'B5-kubernetes',
  title: `execs per second, ${callers} callers on ${environments} environments, against kubectl exec`,
  peer: `xargs -P ${callers} -I POD kubectl exec POD -- echo ok`,
  run: ({ quick }) =>
    withKubernetesEnvironments(environments, async (engine, started) => {
      const pick = (index: number) => started[index % started.length] ?? { id: '', pod: '' };
      const ours = async (count: number): Promise<void> => {
        await inParallel(count, callers, async (index) => {
          const { exitCode, stdout } = await engine.exec(pick(index).id, ['echo', 'ok']);
          assert.deepEqual([exitCode, stdout], [0, 'ok\n']);
        });
      };
      const peer = async (count: number): Promise<void> => {
        const lines = Array.from({ length: count }, (_, index) => `${pick(index).pod}\n`).join('');
        const command = [...kubectl, '--kubeconfig', kubeconfig, 'exec', 'POD', '--', 'echo', 'ok'];
        assert.equal(
          await runPeer('xargs', ['-P', String(callers), '-I', 'POD', ...command], lines),
          'ok\n'.repeat(count),
        );
      };
      await ours(64);
      const rates: [number[], number[]] = [[], []];
      for (let round = 0; round < (quick ? 1 : 4); round += 1) {
        rates[0].push(await perSecond(quick ? 200 : 1_000, ours));
        rates[1].push(await perSecond(quick ? 16 : 64, peer));
      }
      const [a, b] = [Math.max(...rates[0]), Math.max(...rates[1])];
      return [atLeastResult('execs per second, best round', a, b, 15, { ours: rates[0], peer: rates[1] })];
    }),
};
