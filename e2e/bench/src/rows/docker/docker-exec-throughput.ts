import assert from 'node:assert/strict';
import { atLeastResult, type BenchmarkRow } from '../../benchmark-row.ts';
import { withDockerEnvironments } from '../../docker/docker-environment.ts';
import { runPeer } from '../../docker/docker-peer.ts';
import { inParallel } from '../../docker/in-parallel.ts';
import { perSecond } from '../../statistics.ts';

const callers = 16;
const environments = 4;

/** B5 on Docker: many callers at a time. */
export const dockerExecThroughput: BenchmarkRow = {
  id: 'B5-docker',
  title: `execs per second, ${callers} callers on ${environments} environments, against docker exec`,
  peer: `xargs -P ${callers} -I ID docker exec ID echo ok`,
  run: ({ quick }) =>
    withDockerEnvironments(environments, async (engine, ids) => {
      const pick = (index: number): string => ids[index % ids.length] ?? '';
      const ours = async (count: number): Promise<void> => {
        await inParallel(count, callers, async (index) => {
          const { exitCode, stdout } = await engine.exec(pick(index), ['echo', 'ok']);
          assert.deepEqual([exitCode, stdout], [0, 'ok\n']);
        });
      };
      const peer = async (count: number): Promise<void> => {
        const lines = Array.from({ length: count }, (_, index) => `${pick(index)}\n`).join('');
        const parameters = ['-P', String(callers), '-I', 'ID', 'docker', 'exec', 'ID', 'echo', 'ok'];
        assert.equal(await runPeer('xargs', parameters, lines), 'ok\n'.repeat(count));
      };
      await ours(64);
      const rates: [number[], number[]] = [[], []];
      for (let round = 0; round < (quick ? 1 : 4); round += 1) {
        rates[0].push(await perSecond(quick ? 400 : 2_000, ours));
        rates[1].push(await perSecond(quick ? 40 : 160, peer));
      }
      const [a, b] = [Math.max(...rates[0]), Math.max(...rates[1])];
      return [atLeastResult('execs per second, best round', a, b, 18, { ours: rates[0], peer: rates[1] })];
    }),
};
