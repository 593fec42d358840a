import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { BenchmarkRow } from '../benchmark-row.ts';
import { withLocalEnvironment } from '../local-environment.ts';

const commands = 400;
const callers = 4;

async function perSecond(work: () => Promise<void>): Promise<number> {
  let left = commands;
  const startedAt = performance.now();
  const caller = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (commands / (performance.now() - startedAt)) * 1000;
}

/** Executions per second with several callers on one environment. */
export const execThroughput: BenchmarkRow = {
  id: 'B5-local',
  title: `execs per second, ${callers} callers, one environment, against spawning sh -c each time`,
  run: () =>
    withLocalEnvironment(async (engine, environment) => {
      const ours = async (): Promise<void> => {
        const { exitCode, stdout } = await engine.exec(environment.id, ['echo', 'ok']);
        assert.equal(exitCode, 0);
        assert.equal(stdout, 'ok\n');
      };
      const peer = async (): Promise<void> => {
        const [code] = await once(
          spawn('sh', ['-c', 'echo ok'], { stdio: ['ignore', 'pipe', 'pipe'] }).on('spawn', () => {}),
          'exit',
        );
        assert.equal(code, 0);
      };
      const rates: [number[], number[]] = [[], []];
      for (let round = 0; round < 4; round += 1) {
        rates[0].push(await perSecond(ours));
        rates[1].push(await perSecond(peer));
      }
      const best = rates.map((values) => Math.max(...values));
      const [a = 0, b = 0] = best;
      return [
        {
          metric: 'execs per second, best of 4 (no gate)',
          ours: a,
          peer: b,
          value: a / b,
          gate: 'none',
          holds: true,
          details: { ours: rates[0], peer: rates[1] },
        },
      ];
    }),
};
