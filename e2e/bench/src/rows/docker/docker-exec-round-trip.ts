import assert from 'node:assert/strict';
import { type BenchmarkRow, ratioResult } from '../../benchmark-row.ts';
import { withDockerEnvironments } from '../../docker/docker-environment.ts';
import { docker } from '../../docker/docker-peer.ts';
import { execTrue } from '../../docker/exec-true.ts';
import { interleave } from '../../interleave.ts';
import { summarize } from '../../statistics.ts';

/** B4 on Docker: one `true`, durable, against the docker command. */
export const dockerExecRoundTrip: BenchmarkRow = {
  id: 'B4-docker',
  title: 'exec([true]), recorded and durable, against docker exec',
  peer: 'docker exec ID true',
  run: ({ quick }) =>
    withDockerEnvironments(1, async (engine, [id = '']) => {
      const ours = (): Promise<void> => execTrue(engine, id);
      const peer = async (): Promise<void> => {
        await docker('exec', id, 'true');
      };
      const [a, b] = (await interleave(quick ? 20 : 200, [ours, peer])).map(summarize);
      assert.ok(a && b);
      return [ratioResult('p50 ms', a.p50, b.p50, 0.06, { ours: a, peer: b })];
    }),
};
