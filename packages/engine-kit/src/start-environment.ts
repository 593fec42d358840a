import { abortedError, type EnvironmentSpec, RecacError, type StartEvent, type StartOptions } from '@recac/engine-core';
import { Deadline } from './deadline.ts';
import type { EngineDriver } from './engine-driver.ts';
import { createLaneName } from './lane/exec-address.ts';
import { toExecLaneProcess } from './lane/exec-lane-process.ts';
import { type LaneLimits, LiveEnvironment } from './live-environment.ts';
import { PhaseClock } from './phase-clock.ts';

/** Longest wait for an environment where a specification names none, in milliseconds. */
export const defaultPendingTimeoutMs = 300_000;

/** One start: its limit, its cancellation, and what it waits for right now. */
class StartAttempt {
  readonly signal: AbortSignal;
  readonly #options: StartOptions;
  readonly #limitMs: number;
  readonly #deadline: Deadline;
  readonly #expired = new AbortController();
  #last: StartEvent | undefined;

  constructor(spec: EnvironmentSpec, options: StartOptions) {
    this.#options = options;
    this.#limitMs = spec.pendingTimeoutMs ?? defaultPendingTimeoutMs;
    this.#deadline = new Deadline(this.#limitMs);
    this.#deadline.onPassed(() => this.#expired.abort());
    this.signal = options.signal ? AbortSignal.any([options.signal, this.#expired.signal]) : this.#expired.signal;
  }

  readonly onEvent = (event: StartEvent): void => {
    // The end of a phase says less than what it waited for, which a limit that passes has to name.
    if (event.state !== 'finished') this.#last = event;
    this.#options.onEvent?.(event);
  };

  finish(): void {
    this.#deadline.clear();
  }

  /** What the caller sees of an error: cancelled, out of time, or the error itself. */
  toError(error: unknown): unknown {
    if (this.#options.signal?.aborted) return abortedError('the start of the environment', this.#options.signal.reason);
    if (!this.#expired.signal.aborted) return error;
    const { phase, message } = this.#last ?? {};
    const where = phase === undefined ? '' : ` in phase ${phase}${message === undefined ? '' : ` (${message})`}`;
    return new RecacError(
      'RECAC_ENVIRONMENT_START_TIMEOUT',
      `the environment was not ready after ${this.#limitMs} ms${where}. Raise the pending timeout, or remove the cause.`,
      {
        cause: error,
        details: { phase, reason: message, elapsedMs: Math.round(this.#deadline.elapsedMs) },
      },
    );
  }
}

/** Creates an environment and opens its first lane. Removes everything when a step fails; a cleanup that fails goes to `details.cleanup`. */
export async function startEnvironment(
  driver: EngineDriver,
  spec: EnvironmentSpec,
  options: StartOptions,
  limits: LaneLimits,
): Promise<LiveEnvironment> {
  const attempt = new StartAttempt(spec, options);
  const name = createLaneName();
  const { recordLimitBytes } = limits;
  let live: LiveEnvironment | undefined;
  try {
    const environment = await driver.create(spec, {
      signal: attempt.signal,
      onEvent: attempt.onEvent,
      onWarning: options.onWarning ?? (() => {}),
      toFirstProcess: (place) => toExecLaneProcess(place, { user: undefined, name, recordLimitBytes }),
    });
    live = new LiveEnvironment(driver, environment, limits, name);
    const clock = new PhaseClock(attempt.onEvent);
    clock.begin('ready');
    if (driver.capabilities.durableExec) await live.warm(attempt.signal);
    clock.finish();
    if (attempt.signal.aborted) throw abortedError('the start of the environment');
    return live;
  } catch (error) {
    const shown = attempt.toError(error);
    const cleanup = live && (await removeAgain(driver, live));
    throw cleanup === undefined ? shown : withCleanup(shown, cleanup);
  } finally {
    attempt.finish();
  }
}

async function removeAgain(driver: EngineDriver, live: LiveEnvironment): Promise<unknown> {
  try {
    await driver.remove(live.id, { signal: new AbortController().signal });
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await live.close({ isGone: true });
  }
}

function withCleanup(error: unknown, cleanup: unknown): unknown {
  if (!RecacError.isInstance(error)) return error;
  return new RecacError(error.code, error.message, {
    cause: error.cause,
    details: { ...error.details, cleanup: String(cleanup) },
  });
}
