import { performance } from 'node:perf_hooks';
import { type Deadline, delay } from '@recac/engine-kit';

/** What a call must have left for its answer, in milliseconds: one that waited until its last moment would count as not answered. */
const answerMs = 2_000;

/** One wait for all calls of a client: a server that is too busy for one is too busy for each. */
export class Throttle {
  #until = 0;

  /** Asks all calls that have not been sent to wait from now on. */
  pause(milliseconds: number): void {
    this.#until = Math.max(this.#until, performance.now() + milliseconds);
  }

  /** Waits until calls may be sent; false at once when that leaves less than two seconds to the deadline. Comes back early when the signal fires. */
  async passed(deadline: Deadline, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const waitMs = this.#until - performance.now();
      if (waitMs <= 0 || signal.aborted) return true;
      const pauseMs = waitMs + Math.random() * Math.min(waitMs, 200);
      if (pauseMs + answerMs > deadline.remainingMs) return false;
      await delay(pauseMs, signal);
    }
  }
}
