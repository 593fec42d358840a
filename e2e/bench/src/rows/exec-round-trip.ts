import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type BenchmarkRow, ratioResult } from '../benchmark-row.ts';
import { interleave } from '../interleave.ts';
import { withLocalEnvironment } from '../local-environment.ts';
import { summarize } from '../statistics.ts';

async function spawnShell(): Promise<void> {
  const child = spawn('sh', ['-c', 'true']);
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
}

async function blocks(count: number, works: readonly (() => Promise<void>)[]): Promise<readonly (readonly number[])[]> {
  const times = works.map((): number[] => []);
  for (let block = 0; block < 4; block += 1) {
    for (const [index, work] of works.entries()) {
      const [measured = []] = await interleave(count / 4, [work]);
      times[index]?.push(...measured);
    }
  }
  return times;
}

/** B4 on the local engine: one `true`, durable, against a plain spawn. */
export const execRoundTrip: BenchmarkRow = {
  id: 'B4-local',
  title: "exec(['true']), recorded and durable, against child_process.spawn('sh', ['-c', 'true'])",
  run: () =>
    withLocalEnvironment(async (engine, environment) => {
      const ours = async (): Promise<void> => {
        const result = await engine.exec(environment.id, ['true']);
        assert.deepEqual(result.outcome, { type: 'exited', code: 0 });
      };
      const [lane = [], plain = []] = await interleave(300, [ours, spawnShell]);
      const [laneBlock = [], plainBlock = []] = await blocks(400, [ours, spawnShell]);
      const [a, b, c, d] = [lane, plain, laneBlock, plainBlock].map(summarize);
      assert.ok(a && b && c && d);
      return [
        ratioResult('p50 ms, interleaved one by one', a.p50, b.p50, 1.5, { ours: a, peer: b }),
        {
          metric: 'p50 ms, back to back in blocks of 100 (no gate)',
          ours: c.p50,
          peer: d.p50,
          value: c.p50 / d.p50,
          gate: 'none',
          holds: true,
          details: { ours: c, peer: d },
        },
      ];
    }),
};
