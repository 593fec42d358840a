import type { ContainerEngine } from '@recac/engine-core';
import { atLeastResult, type BenchmarkRow, ratioResult, toldResult } from '../../benchmark-row.ts';
import { benchSpec, withDockerEngine } from '../../docker/docker-environment.ts';
import {
  benchImage,
  hardenedFlags,
  removeContainers,
  runCommandLine,
  runContainer,
  runPeer,
} from '../../docker/docker-peer.ts';
import { inParallel } from '../../docker/in-parallel.ts';
import { withBindDirectory } from '../../docker/with-bind-directory.ts';

const parallel = [2, 4, 8];

/** Many starts: how long all took, and each, in milliseconds. */
interface Burst {
  readonly total: number;
  /** From the call. */
  readonly latencies: readonly number[];
  /** From when it was let in, which is what the daemon's overload lengthens. */
  readonly served: readonly number[];
}

async function startOurs(engine: ContainerEngine, count: number, hostPath: string): Promise<Burst> {
  const begin = performance.now();
  const latencies: number[] = [];
  const served: number[] = [];
  const ids = await Promise.all(
    Array.from({ length: count }, async () => {
      let letIn = begin;
      const onEvent = ({ phase, state }: { readonly phase: string; readonly state: string }): void => {
        if (phase === 'start' && state === 'started') letIn = performance.now();
      };
      const { id } = await engine.startEnvironment(benchSpec({ type: 'bind', hostPath }), { onEvent });
      latencies.push(performance.now() - begin);
      served.push(performance.now() - letIn);
      return id;
    }),
  );
  const total = performance.now() - begin;
  await inParallel(ids.length, 4, (index) => engine.stopEnvironment(ids[index] ?? ''));
  return { total, latencies, served };
}

async function startXargs(count: number, atOnce: number, directory: string): Promise<number> {
  const run = ['docker', 'run', '-d', ...hardenedFlags(directory), benchImage, 'sleep', '86400'];
  const begin = performance.now();
  const output = await runPeer('xargs', ['-P', String(atOnce), '-I', '{}', ...run], '-\n'.repeat(count));
  const total = performance.now() - begin;
  await removeAll(output.trim().split('\n'));
  return total;
}

async function startUnbounded(count: number, directory: string): Promise<readonly number[]> {
  const begin = performance.now();
  const latencies: number[] = [];
  const ids = await Promise.all(
    Array.from({ length: count }, async () => {
      const id = await runContainer(directory);
      latencies.push(performance.now() - begin);
      return id;
    }),
  );
  await removeAll(ids);
  return latencies;
}

async function removeAll(ids: readonly string[]): Promise<void> {
  await inParallel(ids.length, 4, (index) => removeContainers(ids[index] ?? ''));
}

function p95(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}

/** B15: many environments at once. */
export const manyEnvironments: BenchmarkRow = {
  id: 'B15-docker',
  title:
    'environments with a bind mount asked for at once: rate against the best of xargs -P 2, 4, 8; 95th percentile against all at once',
  peer: `xargs -P {${parallel}} ${runCommandLine}`,
  run: ({ quick }) =>
    withDockerEngine((engine) =>
      withBindDirectory(async (directory) => {
        const count = quick ? 16 : 200;
        const rate = (milliseconds: number): number => (count / milliseconds) * 1_000;
        const { total, latencies, served } = await startOurs(engine, count, directory);
        const peers: Record<string, number> = {};
        for (const atOnce of parallel) peers[atOnce] = rate(await startXargs(count, atOnce, directory));
        const unbounded = p95(await startUnbounded(count, directory));
        return [
          atLeastResult(`${count} starts, per second`, rate(total), Math.max(...Object.values(peers)), 1, { peers }),
          ratioResult('p95 ms of a start, from when it is let in', p95(served), unbounded, 0.5),
          toldResult('p95 ms of a start, from the call (no gate)', p95(latencies), unbounded),
        ];
      }),
    ),
};
