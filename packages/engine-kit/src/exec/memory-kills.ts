import { performance } from 'node:perf_hooks';

/** How long a count is taken for the present one by a command that starts, in milliseconds. Reading it takes a hundredth of a short command. */
const freshMs = 1_000;

/** What is known here of how many processes of an environment the kernel has killed for memory. One that was killed less than a second before a command, where only another client has seen it, counts for that command. */
export class MemoryKills {
  readonly #isOwn: boolean;
  #count = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  /** `isOwn`: the count is the environment's own. Where nothing is isolated it is the whole machine's, and tells nothing. */
  constructor(isOwn: boolean) {
    this.#isOwn = isOwn;
  }

  /** The count for a command that starts now; undefined when its lane shall read it. */
  get known(): number | undefined {
    if (!this.#isOwn) return 0;
    return performance.now() - this.#readAt < freshMs ? this.#count : undefined;
  }

  /** Takes note of a count that a lane has just read. */
  note(count: number): void {
    this.#readAt = performance.now();
    this.#count = Math.max(this.#count, count);
  }

  /** True when a process has been killed between two counts. */
  hasGrown(before: number, after: number): boolean {
    return this.#isOwn && after > before;
  }
}
