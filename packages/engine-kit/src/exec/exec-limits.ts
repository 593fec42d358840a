import { performance } from 'node:perf_hooks';
import { Deadline } from '../deadline.ts';
import type { EndCause } from '../lane/end-cause.ts';

/** The time limits of one command. */
export interface ExecLimitsOptions {
  /** Limit of the whole command, in milliseconds. Default: none. */
  readonly timeoutMs?: number;
  /** Limit without output, in milliseconds. Default: none. */
  readonly idleTimeoutMs?: number;
  /** When output last came, on the monotonic clock. */
  readonly lastOutputAt: () => number;
  /** Called once, by the first limit that passes. */
  readonly onLimit: (outcome: EndCause) => void;
}

/** Watches the time limits of a command from now on. */
export class ExecLimits {
  readonly #options: ExecLimitsOptions;
  #total: Deadline | undefined;
  #idle: Deadline | undefined;

  constructor(options: ExecLimitsOptions) {
    this.#options = options;
    const { timeoutMs, idleTimeoutMs } = options;
    if (timeoutMs !== undefined) {
      this.#total = new Deadline(timeoutMs);
      this.#total.onPassed(() => this.#pass({ type: 'timedOut', limit: 'total', limitMs: timeoutMs }));
    }
    if (idleTimeoutMs !== undefined) this.#watchIdle(idleTimeoutMs, idleTimeoutMs);
  }

  /** Takes the limits back. Idempotent. */
  clear(): void {
    this.#total?.clear();
    this.#idle?.clear();
  }

  #watchIdle(limitMs: number, remainingMs: number): void {
    this.#idle = new Deadline(remainingMs);
    this.#idle.onPassed(() => {
      const left = limitMs - (performance.now() - this.#options.lastOutputAt());
      if (left > 0) this.#watchIdle(limitMs, left);
      else this.#pass({ type: 'timedOut', limit: 'idle', limitMs });
    });
  }

  #pass(outcome: EndCause): void {
    this.clear();
    this.#options.onLimit(outcome);
  }
}
