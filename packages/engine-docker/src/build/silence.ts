import { ProgressError } from '../image/progress-stream.ts';

/** The other side of a transfer says nothing, and takes nothing, for too long. */
export class Silence {
  readonly #limitMs: number;
  readonly #ended = new AbortController();
  #movedAt = performance.now();

  /** `limitMs`: how long it may last. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Fires when it has lasted too long. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** The pieces of what is sent: each that is taken breaks it. */
  async *broken<T>(pieces: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const piece of pieces) {
      this.#movedAt = performance.now();
      yield piece;
    }
    this.#movedAt = performance.now();
  }

  /** Waits for the answer. Errors: a `ProgressError` when the silence lasts too long. */
  async until<T>(answer: Promise<T>): Promise<T> {
    const stalled = Promise.withResolvers<never>();
    const timer = setInterval(
      () => {
        if (performance.now() - this.#movedAt < this.#limitMs) return;
        stalled.reject(new ProgressError('stalled', `the daemon said nothing for ${this.#limitMs / 1000} s`));
        this.#ended.abort();
      },
      Math.min(this.#limitMs, 5_000),
    );
    try {
      return await Promise.race([answer, stalled.promise]);
    } finally {
      clearInterval(timer);
    }
  }
}
