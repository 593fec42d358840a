import { performance } from 'node:perf_hooks';

const longestTimer = 2_147_483_647;

/** A point on the monotonic clock: jumps of the wall clock do not move it. */
export class Deadline {
  readonly #startedAt = performance.now();
  readonly #limitMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** `limitMs`: from now on. `Infinity`: never. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Milliseconds since the deadline was set. */
  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Milliseconds left, never negative. */
  get remainingMs(): number {
    return Math.max(0, this.#limitMs - this.elapsedMs);
  }

  /** Calls back once when it passes; keeps the process alive until then. Limits beyond 24.8 days work (a Node timer alone would fire at once). */
  onPassed(callback: () => void): void {
    if (this.#limitMs === Number.POSITIVE_INFINITY) return;
    const remaining = this.remainingMs;
    this.#timer = setTimeout(
      () => (this.remainingMs > 0 ? this.onPassed(callback) : callback()),
      Math.min(Math.ceil(remaining), longestTimer),
    );
  }

  /** Takes the callback back. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** Waits; resolves early, without an error, when the signal fires. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}
