import type { StartFailure } from '../job/start-failure.ts';

/** Counts how long a start has been failing for one reason. Time in which nothing was wrong, such as a second pull that goes on, does not count. */
export class FailureGrace {
  /** Where `#wrongMs` stood when a reason was seen first. */
  readonly #firstSeen = new Map<string, number>();
  /** Time between two looks that have both shown something wrong. */
  #wrongMs = 0;
  /** When the last look was, where it has shown something wrong. */
  #wrongAt: number | undefined;

  /** Takes what a look has shown; undefined: nothing is wrong. True when that has lasted longer than it may (`graceMs`). */
  isOver(failure: StartFailure | undefined): boolean {
    const now = performance.now();
    const before = this.#wrongAt;
    this.#wrongAt = failure && now;
    if (failure === undefined) return false;
    if (before !== undefined) this.#wrongMs += now - before;
    const since = this.#firstSeen.get(failure.reason) ?? this.#wrongMs;
    this.#firstSeen.set(failure.reason, since);
    return failure.graceMs !== undefined && this.#wrongMs - since > failure.graceMs;
  }

  /** That was no failure: the next one of its reason is a first one. */
  forget({ reason }: StartFailure): void {
    this.#firstSeen.delete(reason);
  }
}
