/** How long something may take. */
export interface Limit {
  /** In milliseconds. */
  readonly limitMs: number;
  /** Cancels it earlier. */
  readonly signal: AbortSignal;
  /** The error when it took longer. */
  readonly toError: () => Error;
}

/** Runs something that ends with the signal it gets. What the limit ended rejects with the limit's own error, not with that of a signal. */
export async function withinLimit<Result>(
  { limitMs, signal, toError }: Limit,
  run: (until: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await run(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (limit.aborted && !signal.aborted) throw toError();
    throw error;
  }
}
