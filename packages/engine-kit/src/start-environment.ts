import { abortedError, type EnvironmentSpec, RecacError, type StartEvent, type StartOptions } from '@recac/engine-core';
import { Deadline } from './deadline.ts';
import type { EngineDriver } from './engine-driver.ts';
import { createLaneName } from './lane/exec-address.ts';
import { toExecLaneProcess } from './lane/exec-lane-process.ts';
import { type LaneLimits, LiveEnvironment } from './live-environment.ts';
import { PhaseClock } from './phase-clock.ts';
import { readFindings, toCleanup, withFindings } from './start-findings.ts';

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
  #phaseLimitMs: number | undefined;

  constructor(spec: EnvironmentSpec, options: StartOptions) {
    this.#options = options;
    this.#limitMs = spec.pendingTimeoutMs ?? defaultPendingTimeoutMs;
    this.#deadline = new Deadline(this.#limitMs);
    this.#deadline.onPassed(() => this.#expired.abort(this.#tookTooLong()));
    this.signal = options.signal ? AbortSignal.any([options.signal, this.#expired.signal]) : this.#expired.signal;
  }

  readonly onEvent = (event: StartEvent): void => {
    // The end of a phase says less than what it waited for, which a limit that passes has to name.
    if (event.state !== 'finished') this.#last = event;
    if (event.state === 'started') this.#phaseLimitMs = Math.round(this.#deadline.remainingMs);
    const limitMs = this.#phaseLimitMs;
    this.#options.onEvent?.(limitMs === undefined || limitMs === Infinity ? event : { limitMs, ...event });
  };

  finish(): void {
    this.#deadline.clear();
  }

  /** What the caller sees of an error: cancelled, out of time, or the error itself; with what the driver has found out meanwhile. */
  toError(error: unknown): unknown {
    const { signal } = this.#options;
    const cancelled = signal?.aborted ? abortedError('the start of the environment', signal.reason) : undefined;
    const shown = cancelled ?? (this.#expired.signal.aborted ? this.#tookTooLong(error) : error);
    return withFindings(shown, readFindings(error));
  }

  #tookTooLong(cause?: unknown): RecacError {
    const { phase, message } = this.#last ?? {};
    const where = phase === undefined ? '' : ` in phase ${phase}${message === undefined ? '' : ` (${message})`}`;
    const words = readFindings(cause).evidence?.at(-1);
    const seen = words === undefined ? '' : ` Last seen: ${words.replace(/\.$/, '')}.`;
    return new RecacError(
      'RECAC_ENVIRONMENT_START_TIMEOUT',
      `the environment was not ready after ${this.#limitMs} ms${where}.${seen} Raise the pending timeout, or remove the cause.`,
      { cause, details: { phase, reason: message, elapsedMs: Math.round(this.#deadline.elapsedMs) } },
    );
  }
}

/**
 * Creates an environment and opens its first lane. Removes everything when a step fails; what could not be removed is in the message, in `details.cleanup` and, where it has
 * names, in `details.left`.
 */
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
    throw cleanup === undefined ? shown : withFindings(shown, toCleanup(cleanup));
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
