import { performance } from 'node:perf_hooks';
import type { StartEvent, StartPhase } from '@recac/engine-core';

/** Times the phases of one start and tells them as events. One phase at a time. */
export class PhaseClock {
  readonly #onEvent: (event: StartEvent) => void;
  readonly #startedAt = performance.now();
  #phase: { readonly name: StartPhase; readonly startedAt: number } | undefined;

  /** `onEvent`: gets every event as it happens. */
  constructor(onEvent: (event: StartEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Milliseconds since the start began. */
  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** The phase the start is in; undefined before the first and after the last. */
  get phase(): StartPhase | undefined {
    return this.#phase?.name;
  }

  /** Finishes the phase before and begins the next. */
  begin(name: StartPhase): void {
    this.finish();
    this.#phase = { name, startedAt: performance.now() };
    this.#tell('started');
  }

  /** Says what the phase waits for. */
  wait(message: string): void {
    this.#tell('waiting', message);
  }

  /** Finishes the phase. Nothing happens when there is none. */
  finish(): void {
    this.#tell('finished');
    this.#phase = undefined;
  }

  #tell(state: StartEvent['state'], message?: string): void {
    const phase = this.#phase;
    if (!phase) return;
    this.#onEvent({
      phase: phase.name,
      state,
      elapsedMs: performance.now() - phase.startedAt,
      ...(message === undefined ? {} : { message }),
    });
  }
}
