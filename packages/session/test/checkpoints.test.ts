import type { WorkspaceStrategy } from '@recac/engine-core';
import { parseConfig } from '@recac/engine-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startCheckpoints } from '../src/checkpoints.ts';
import type { SessionParts } from '../src/create-session.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Case {
  readonly strategy: WorkspaceStrategy['name'];
  readonly isKept: boolean;
  readonly written?: string;
}

/** How often work was brought back in a quarter of an hour. */
async function count({ strategy: name, isKept, written }: Case): Promise<number> {
  const pull = vi.fn(async () => ({ changed: 0, removed: 0, bytes: 0, conflicts: [], skipped: [] }));
  const config = parseConfig({ session: written === undefined ? {} : { checkpoint: written } });
  const parts = { config, strategy: { name, pull }, isKept, environment: {}, emit: () => {} };
  const checkpoints = startCheckpoints(parts as unknown as SessionParts);
  await vi.advanceTimersByTimeAsync(901_000);
  await checkpoints.stop();
  await vi.advanceTimersByTimeAsync(900_000);
  return pull.mock.calls.length;
}

test.each<[number, Case]>([
  [3, { strategy: 'git', isKept: false }],
  [0, { strategy: 'git', isKept: true }],
  [0, { strategy: 'upload', isKept: false }],
  [0, { strategy: 'git', isKept: false, written: 'none' }],
  [15, { strategy: 'git', isKept: false, written: '1m' }],
  [15, { strategy: 'upload', isKept: true, written: '1m' }],
])('%i checkpoints in a quarter of an hour for %j', async (expected, given) => {
  expect(await count(given)).toBe(expected);
});
