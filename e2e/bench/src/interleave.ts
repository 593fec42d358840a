import { performance } from 'node:perf_hooks';

/** Times several works in turn within one loop: A B C A B C …, so that drift of the machine meets all of them. Milliseconds. */
export async function interleave(
  repeats: number,
  works: readonly (() => Promise<void>)[],
): Promise<readonly (readonly number[])[]> {
  const times = works.map((): number[] => []);
  for (const work of works) await work();
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const [index, work] of works.entries()) {
      const startedAt = performance.now();
      await work();
      times[index]?.push(performance.now() - startedAt);
    }
  }
  return times;
}
