import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EnvironmentEvent, RecacError } from '@recac/engine-core';
import { assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { withDeadline } from '../deadline.ts';
import { waitUntil } from '../wait-until.ts';

/** Collects events until the watch ends; an end by RECAC_ABORTED is an end. */
async function collect(events: AsyncIterable<EnvironmentEvent>, seen: EnvironmentEvent[]): Promise<void> {
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    if (!RecacError.isInstance(error) || error.code !== 'RECAC_ABORTED') throw error;
  }
}

/** Cases of group `lifecycle` about watching and leases. */
export const lifecycleWatchCases: readonly ConformanceCase[] = [
  {
    id: 'lifecycle/watch-changes',
    contract: 'watchEnvironments tells of an environment that comes and goes, and ends when the signal fires.',
    async run(context) {
      const { sessionId } = context.specification();
      const controller = new AbortController();
      const seen: EnvironmentEvent[] = [];
      const watching = collect(context.engine.watchEnvironments({ sessionId, signal: controller.signal }), seen);
      const { id } = await context.start({ sessionId });
      const saw = (type: EnvironmentEvent['type']) =>
        seen.some((event) => event.type === type && event.environment.id === id);
      await waitUntil(() => saw('ADDED'), 10_000 * context.slow, 'ADDED');
      await context.engine.stopEnvironment(id);
      await waitUntil(() => saw('DELETED'), 10_000 * context.slow, 'DELETED');
      controller.abort();
      await withDeadline(watching, 5_000 * context.slow, 'the end of the watch');
      assert.deepEqual([seen[0]?.type, seen.at(-1)?.type], ['ADDED', 'DELETED']);
    },
  },
  {
    id: 'lifecycle/watch-existing',
    contract: 'watchEnvironments first tells what exists, as ADDED, and stops when the consumer does.',
    async run(context) {
      const { id, sessionId } = await context.start();
      const other = await context.otherEngine();
      const first = async () => {
        for await (const event of other.watchEnvironments({ sessionId })) return event;
        return undefined;
      };
      const event = await withDeadline(first(), 10_000 * context.slow, 'the first event and the end of the watch');
      assert.deepEqual([event?.type, event?.environment.id, event?.environment.phase], ['ADDED', id, 'Running']);
    },
  },
  {
    id: 'lifecycle/lease-renewed',
    contract: 'An open engine keeps an environment with a lease alive.',
    slow: true,
    async run(context) {
      const leaseMs = 1_000 * context.slow;
      const { id } = await context.start({ leaseMs });
      await sleep(3 * leaseMs);
      const status = await context.engine.inspectEnvironment(id);
      assert.deepEqual([status.phase, status.leaseMs], ['Running', leaseMs]);
    },
  },
  {
    id: 'lifecycle/lease-renewed-by-exec',
    contract:
      'An engine that runs a command keeps the environment alive, also when the engine that started it is closed.',
    slow: true,
    async run(context) {
      const starter = await context.otherEngine();
      const leaseMs = 5_000 * context.slow;
      const { id } = await context.start({ leaseMs }, starter);
      assertExited(await context.engine.exec(id, ['true']));
      await starter.close();
      assertExited(await context.engine.exec(id, ['sleep', String(Math.ceil((2 * leaseMs) / 1_000))]));
      assert.equal((await context.engine.inspectEnvironment(id)).phase, 'Running');
    },
  },
  {
    id: 'lifecycle/lease-expires',
    contract: 'An environment with a lease removes itself when no client has shown life for that long.',
    slow: true,
    deadlineMs: 120_000,
    async run(context) {
      const engine = await context.otherEngine();
      const { sessionId } = await context.start({ leaseMs: 1_000 }, engine);
      await engine.close();
      const gone = async () => (await context.engine.listEnvironments({ sessionId })).length === 0;
      await waitUntil(gone, 60_000 * context.slow, 'the end of the lease');
    },
  },
];
