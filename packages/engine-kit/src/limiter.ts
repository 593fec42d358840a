import { abortedError, throwIfAborted } from '@recac/engine-core';

interface Waiter {
  readonly resolve: (release: () => void) => void;
}

/** Lets at most `limit` holders in at a time; others wait in order and may give up. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting = new Set<Waiter>();
  #held = 0;

  /** `limit`: whole number of at least 1. */
  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1) throw new TypeError('a limit is a whole number of at least 1');
    this.#limit = limit;
  }

  /** Holders right now. */
  get held(): number {
    return this.#held;
  }

  /** Waits for a place; the returned function gives it back and may be called once or more. Errors: `RECAC_ABORTED`. */
  acquire(signal?: AbortSignal): Promise<() => void> {
    throwIfAborted(signal, 'waiting for a free place');
    if (this.#held < this.#limit) return Promise.resolve(this.#enter());
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(waiter);
        reject(abortedError('waiting for a free place', signal?.reason));
      };
      const waiter: Waiter = {
        resolve: (release) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(release);
        },
      };
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Runs `work` in a place. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  #enter(): () => void {
    this.#held += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#held -= 1;
      this.#letNextIn();
    };
  }

  #letNextIn(): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.resolve(this.#enter());
      return;
    }
  }
}
