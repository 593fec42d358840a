import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';

/** An API server that is started again is back by then. */
const awayMs = 30_000;
/** One request that is lost takes as long. */
const fewestFailures = 2;
/** A first failure within it is not worth a word. */
const soonMs = 5_000;
const firstPauseMs = 200;
const longestPauseMs = 3_000;

/** How long an API server that fails is asked again. */
export interface ServerPatienceOptions {
  /** Told what is waited for, from the second failure on, and when the first took long. Default: nobody. */
  readonly onWait: ((message: string) => void) | undefined;
  /** Ends a pause. */
  readonly signal: AbortSignal;
}

/** Waits out an API server that does not answer, or answers that it failed (5xx): for half a minute, the time of the tries included, and twice at least. */
export class ServerPatience {
  readonly #options: ServerPatienceOptions;
  #failures = 0;
  /** When what failed was begun, for the first time. */
  #since = performance.now();

  constructor(options: ServerPatienceOptions) {
    this.#options = options;
  }

  /** The server has done what it should, and is asked anew: the next failure is a first one. */
  restart(): void {
    this.#failures = 0;
    this.#since = performance.now();
  }

  /** Pauses before the next try. Errors: the one that is given, when it was waited for long enough. */
  async pause(error: unknown): Promise<void> {
    const { onWait, signal } = this.#options;
    const goneMs = performance.now() - this.#since;
    this.#failures += 1;
    if (this.#failures >= fewestFailures && goneMs > awayMs) throw error;
    if (this.#failures > 1 || goneMs > soonMs) onWait?.(toWait(error));
    const pauseMs = Math.min(firstPauseMs * 2 ** (this.#failures - 1), longestPauseMs);
    await delay(pauseMs * (0.5 + Math.random() / 2), signal);
    signal.throwIfAborted();
  }
}

/** True when nobody answered, or the answer was a failure of the server: what was asked for may have been done all the same. */
export function isServerFailure(error: unknown): boolean {
  const status = toApiStatus(error);
  return (
    RecacError.isInstance(error) && error.code === 'RECAC_ENGINE_UNAVAILABLE' && (status === undefined || status >= 500)
  );
}

function toWait(error: unknown): string {
  const { details } = error as RecacError;
  const status = toApiStatus(error);
  const problem =
    status === undefined
      ? `does not answer (${details.reason})`
      : `cannot do it now (${status}${details.message ? `: ${details.message}` : ''})`;
  return `waiting: the API server, or a proxy before it, ${problem}. Look at its log, and at the network.`;
}
