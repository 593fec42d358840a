import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { createKubernetesEngine } from '@recac/engine-k8s';
import { type BenchmarkRow, limitResult, toldResult } from '../../benchmark-row.ts';
import { execTrue } from '../../docker/exec-true.ts';
import { inParallel } from '../../docker/in-parallel.ts';
import { withCountingApiProxy } from '../../kubernetes/counting-api-proxy.ts';
import { benchImage } from '../../kubernetes/peer-job.ts';

const starters = 4;

/** B24: requests of one engine with many environments that do nothing, watched, with open lanes. And those of a start, a command and a stop. */
export const idleRequests: BenchmarkRow = {
  id: 'B24-kubernetes',
  title: 'B24: requests to the API server of 100 idle environments with open lanes, watched, for 60 s; and of one life',
  run: ({ quick }) =>
    withCountingApiProxy(async ({ kubeconfig, take }) => {
      const count = quick ? 5 : 100;
      const seconds = quick ? 15 : 60;
      await using engine = createKubernetesEngine({ kubeconfig });
      await engine.init();
      const ending = new AbortController();
      const watching = follow(engine.watchEnvironments({ signal: ending.signal }));
      const ids: string[] = [];
      const start = async (): Promise<string> => {
        const spec = { sessionId: `bench-${randomUUID()}`, image: benchImage, network: 'open' } as const;
        const { id } = await engine.startEnvironment(spec);
        await execTrue(engine, id);
        return id;
      };
      try {
        await inParallel(count, starters, async () => void ids.push(await start()));
        await pause(5_000);
        take();
        const usageBefore = process.cpuUsage();
        await pause(seconds * 1_000);
        const idle = take();
        const { user, system } = process.cpuUsage(usageBefore);
        const one = await start();
        await engine.stopEnvironment(one);
        const life = take().filter((request) => !request.includes('/exec') && !request.includes('watch='));
        assert.ok(life.length > 0);
        return [
          limitResult('requests per second', idle.length / seconds, 0.2, { count, seconds, requests: idle }),
          toldResult('% of one CPU', (user + system) / seconds / 10_000),
          limitResult('requests of one life, without exec', life.length, 4, { requests: life }),
        ];
      } finally {
        ending.abort();
        await watching.catch(tell);
        // What cannot be removed in time is told, and does not discard what was measured.
        await inParallel(ids.length, starters, (index) => engine.stopEnvironment(ids[index] ?? '').catch(tell));
      }
    }),
};

function tell(error: unknown): void {
  console.warn(`  after the measurement: ${error instanceof Error ? error.message : String(error)}`);
}

async function follow(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of events);
}
