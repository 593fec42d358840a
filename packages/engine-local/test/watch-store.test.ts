import type { EnvironmentStatus } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { watchStore } from '../src/watch-store.ts';

test('a store that the machine lets nobody watch is looked at all the same', async () => {
  const status = { id: 'one', phase: 'Running' } as EnvironmentStatus;
  let listed: readonly EnvironmentStatus[] = [];
  const stopped = new AbortController();
  // Where the watches of a machine are used up `fs.watch` throws too.
  const events = watchStore('/nonexistent/recac', async () => listed, stopped.signal);
  const first = events.next();
  listed = [status];
  expect((await first).value).toMatchObject({ environment: { id: 'one' } });
  stopped.abort();
});
