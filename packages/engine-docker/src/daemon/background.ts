/** Work that nobody waits for until the engine is closed, and then not for long. Its failures are nobody's. */
export class Background {
  readonly #work = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #over = new AbortController();

  /** Fires when the engine is being closed: what only looks again should come to an end. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Fires when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Takes work that has begun. */
  add(work: Promise<unknown>): void {
    const running: Promise<void> = work.then(
      () => {},
      () => {},
    );
    this.#work.add(running);
    void running.then(() => this.#work.delete(running));
  }

  /** Resolves when all is done, at the latest after `limitMs`; what goes on then should end by the signal. */
  async settle(limitMs: number): Promise<void> {
    this.#closing.abort();
    if (this.#work.size > 0) {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, limitMs);
      await Promise.race([Promise.all(this.#work), limit.promise]);
      clearTimeout(timer);
    }
    this.#over.abort();
  }
}
