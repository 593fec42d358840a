import type { ContainerEngine } from '@recac/engine-core';
import type { ConformanceCase } from '../src/conformance-case.ts';
import { runCase } from '../src/run-case.ts';

/** Runs cases, some at a time; gives the failures by id. */
export async function failingCases(
  cases: readonly ConformanceCase[],
  createEngine: () => ContainerEngine,
  atOnce: number,
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  const waiting = [...cases];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { id } = next;
      await runCase(next, { createEngine, slow: 2 }).catch((error: unknown) => failures.set(id, String(error)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failures;
}
