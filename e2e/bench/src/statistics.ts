/** What is reported of a series of measurements. */
export interface Summary {
  /** Smallest. */
  readonly min: number;
  /** Median. */
  readonly p50: number;
  /** 90th percentile. */
  readonly p90: number;
  /** How many. */
  readonly count: number;
}

/** Summary of at least one number. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { min: at(0), p50: at(0.5), p90: at(0.9), count: sorted.length };
}

/** How much of some work is done in a second. */
export async function perSecond(count: number, work: (count: number) => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work(count);
  return (count / (performance.now() - begin)) * 1_000;
}
