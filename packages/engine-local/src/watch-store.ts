import { watch } from 'node:fs';
import type { EnvironmentEvent, EnvironmentStatus } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';

/** Longest time until a change that the file system did not tell of is seen. */
const lookAgainMs = 1_000;

/** What exists, then every change, told by the file system and checked once a second. */
export async function* watchStore(
  root: string,
  list: () => Promise<readonly EnvironmentStatus[]>,
  signal: AbortSignal,
): AsyncGenerator<EnvironmentEvent, void, undefined> {
  let wake = new AbortController();
  const watcher = watch(root, () => wake.abort());
  watcher.on('error', () => {});
  const known = new Map<string, EnvironmentStatus>();
  try {
    while (!signal.aborted) {
      wake = new AbortController();
      yield* compare(known, await list());
      await delay(lookAgainMs, AbortSignal.any([signal, wake.signal]));
    }
  } finally {
    watcher.close();
  }
}

function* compare(
  known: Map<string, EnvironmentStatus>,
  now: readonly EnvironmentStatus[],
): Generator<EnvironmentEvent, void, undefined> {
  const ids = new Set(now.map(({ id }) => id));
  for (const [id, environment] of known) {
    if (ids.has(id)) continue;
    known.delete(id);
    yield { type: 'DELETED', environment };
  }
  for (const environment of now) {
    const before = known.get(environment.id);
    known.set(environment.id, environment);
    if (!before) yield { type: 'ADDED', environment };
    else if (before.createdAt.getTime() !== environment.createdAt.getTime()) yield { type: 'MODIFIED', environment };
  }
}
