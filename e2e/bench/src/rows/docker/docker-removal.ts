import assert from 'node:assert/strict';
import type { ContainerEngine } from '@recac/engine-core';
import { type BenchmarkRow, ratioResult } from '../../benchmark-row.ts';
import { benchSpec, withDockerEngine } from '../../docker/docker-environment.ts';
import { removeContainers, runPeer } from '../../docker/docker-peer.ts';
import { execTrue } from '../../docker/exec-true.ts';
import { inParallel } from '../../docker/in-parallel.ts';
import { summarize } from '../../statistics.ts';

async function start(engine: ContainerEngine, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  await inParallel(count, 4, async () => {
    const { id } = await engine.startEnvironment(benchSpec());
    await execTrue(engine, id);
    ids.push(id);
  });
  return ids;
}

async function time(work: Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work;
  return performance.now() - begin;
}

/** B17: removal of one, in turn the first, and of many. Both remove environments that have been used in the same way. */
export const dockerRemoval: BenchmarkRow = {
  id: 'B17-docker',
  title: 'stopEnvironment against docker rm -f, one and many at a time; both remove the same kind of container',
  peer: 'docker rm -f -v ID; xargs -P 4 -n 1 docker rm -f -v',
  run: ({ quick }) =>
    withDockerEngine(async (engine) => {
      const single: [number[], number[]] = [[], []];
      for (let repeat = 0; repeat < (quick ? 5 : 20); repeat += 1) {
        const [one = '', other = ''] = await start(engine, 2);
        const works = [
          async () => single[0].push(await time(engine.stopEnvironment(one))),
          async () => single[1].push(await time(removeContainers(other))),
        ];
        for (const work of repeat % 2 === 0 ? works : works.reverse()) await work();
      }
      const many: [number[], number[]] = [[], []];
      const count = quick ? 12 : 50;
      for (let round = 0; round < (quick ? 1 : 4); round += 1) {
        const ours = await start(engine, count);
        many[0].push(await time(Promise.all(ours.map((id) => engine.stopEnvironment(id)))));
        const theirs = await start(engine, count);
        const parameters = ['-P', '4', '-n', '1', 'docker', 'rm', '-f', '-v'];
        many[1].push(await time(runPeer('xargs', parameters, theirs.join('\n'))));
      }
      const [a, b, c, d] = [...single, ...many].map(summarize);
      assert.ok(a && b && c && d);
      return [
        ratioResult('p50 ms, one', a.p50, b.p50, 0.95, { ours: a, peer: b }),
        ratioResult(`p50 ms, ${count} at a time`, c.p50, d.p50, 1, { ours: c, peer: d }),
      ];
    }),
};
