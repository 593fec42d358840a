import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import process from 'node:process';
import type { ContainerEngine } from '@recac/engine-core';
import { type BenchmarkRow, limitResult, ratioResult } from '../../benchmark-row.ts';
import { benchSpec, withDockerEngine } from '../../docker/docker-environment.ts';
import { execTrue } from '../../docker/exec-true.ts';
import { summarize } from '../../statistics.ts';

/** What the process holds. */
interface Held {
  readonly memory: number;
  readonly descriptors: number;
}

function look(): Held {
  globalThis.gc?.();
  return { memory: process.memoryUsage.rss() / 1_048_576, descriptors: readdirSync('/proc/self/fd').length };
}

async function cycle(engine: ContainerEngine): Promise<number> {
  const begin = performance.now();
  const { id } = await engine.startEnvironment(benchSpec());
  await execTrue(engine, id);
  await engine.stopEnvironment(id);
  return performance.now() - begin;
}

/** B26: nothing grows and nothing gets slower. */
export const manyCycles: BenchmarkRow = {
  id: 'B26-docker',
  title: 'start, exec and stop, again and again in one engine: the last tenth against the first',
  run: ({ quick }) =>
    withDockerEngine(async (engine) => {
      const count = quick ? 40 : 2_000;
      const tenth = count / 10;
      const times: number[] = [];
      let first: Held | undefined;
      while (times.length < count) {
        times.push(await cycle(engine));
        if (times.length === tenth) first = look();
      }
      assert.ok(first);
      const last = look();
      const [a, b] = [times.slice(-tenth), times.slice(0, tenth)].map(summarize);
      assert.ok(a && b);
      return [
        ratioResult(`p50 ms, last against first ${tenth} of ${count}`, a.p50, b.p50, 1.1, { last: a, first: b }),
        limitResult('MiB of memory more at the end than after the first tenth', last.memory - first.memory, 16),
        limitResult('open files more at the end than after the first tenth', last.descriptors - first.descriptors, 0),
      ];
    }),
};
