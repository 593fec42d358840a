import { type FSWatcher, watch } from 'node:fs';
import type { EnvironmentEvent, EnvironmentStatus } from '@recac/engine-core';
import { compareEnvironments, delay } from '@recac/engine-kit';

/** Longest time until a change that the file system did not tell of is seen. */
const lookAgainMs = 1_000;

/** What exists, then every change, told by the file system and checked once a second. */
export async function* watchStore(
  root: string,
  list: () => Promise<readonly EnvironmentStatus[]>,
  signal: AbortSignal,
): AsyncGenerator<EnvironmentEvent, void, undefined> {
  let wake = new AbortController();
  const watcher = watchDirectory(root, () => wake.abort());
  const known = new Map<string, EnvironmentStatus>();
  try {
    while (!signal.aborted) {
      wake = new AbortController();
      yield* compareEnvironments(known, await list());
      await delay(lookAgainMs, AbortSignal.any([signal, wake.signal]));
    }
  } finally {
    watcher?.close();
  }
}

/** Undefined where the machine has no watches left (ENOSPC, EMFILE): looking again does without. */
function watchDirectory(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(path, onChange).on('error', () => {});
  } catch {
    return undefined;
  }
}
