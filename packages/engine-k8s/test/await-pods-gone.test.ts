import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { followPodsEnd } from '../src/environment/await-pods-gone.ts';
import type { EnvironmentWatch } from '../src/watch/namespace-watch.ts';

const limits = { quietMs: 600_000, totalMs: 600_000 };

/** A watch that has seen a pod of the Job and tells nothing more. */
function silentWatch(): EnvironmentWatch {
  const pod = { metadata: { name: 'pod', uid: 'pod', ownerReferences: [{ uid: 'job' }] } };
  const pods = { table: new Map([['pod', pod]]), listen: () => () => {}, synced: Promise.resolve() };
  return { pods } as unknown as EnvironmentWatch;
}

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

test.each([
  ['cancelled', (controller: AbortController) => controller.abort()],
  ['closed', (_: AbortController, close: () => void) => close()],
])('a wait for the end of pods that is %s is over, and leaves no timer and no work', async (_, end) => {
  const timers = countTimers();
  const controller = new AbortController();
  const { within, close } = followPodsEnd(silentWatch(), 'job');
  const waiting = within(limits, controller.signal);
  await setImmediate();
  end(controller, close);
  expect(await waiting).toBe(false);
  await setImmediate();
  // One of the test runner may have ended meanwhile.
  expect(countTimers()).toBeLessThanOrEqual(timers);
  close();
});
