import { abortedError, RecacError } from '@recac/engine-core';
import { Deadline } from '@recac/engine-kit';

/** How long a call may take, and who may end it. */
export interface CallDeadlineOptions {
  /** Completes "could not …" and "… was cancelled". */
  readonly what: string;
  /** Limit in milliseconds. */
  readonly timeoutMs: number;
  /** Cancels the call. */
  readonly signal: AbortSignal;
  /** Address of the API server, for the message. */
  readonly server: string;
}

/** The end of one call: by its deadline, by its caller, or by {@link CallDeadline.done}. The signal's reason is the error to report. */
export class CallDeadline {
  readonly #ended = new AbortController();
  readonly #source: AbortSignal;
  readonly #giveUp: () => void;
  readonly #pass: () => void;
  #deadline: Deadline;
  #hasPassed = false;

  constructor({ what, timeoutMs, signal, server }: CallDeadlineOptions) {
    this.#source = signal;
    this.#giveUp = () => this.#ended.abort(abortedError(what, signal.reason));
    if (signal.aborted) this.#giveUp();
    signal.addEventListener('abort', this.#giveUp, { once: true });
    this.#pass = () => {
      this.#hasPassed = true;
      this.#ended.abort(noAnswer(what, server, timeoutMs));
    };
    this.#deadline = this.#begin(timeoutMs);
  }

  /** What is left. */
  get deadline(): Deadline {
    return this.#deadline;
  }

  /** Fires when the call must end. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** True when the deadline has ended the call. */
  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  /** Ends the call for a reason of somebody else's. */
  end(reason: RecacError): void {
    this.#ended.abort(reason);
  }

  /** Runs what is no part of the call, such as somebody's logging in: the deadline does not count meanwhile, but it takes no longer than `limitMs` more. */
  async hold<Result>(limitMs: number, run: () => Promise<Result>): Promise<Result> {
    const { remainingMs } = this.#deadline;
    this.#replace(remainingMs + limitMs);
    try {
      return await run();
    } finally {
      this.#replace(remainingMs);
    }
  }

  /** The deadline no longer counts; the caller's signal still does. */
  lift(): void {
    this.#deadline.clear();
  }

  /** Takes everything back: the call is over. */
  done(): void {
    this.#deadline.clear();
    this.#source.removeEventListener('abort', this.#giveUp);
  }

  #replace(limitMs: number): void {
    this.#deadline.clear();
    this.#deadline = this.#begin(limitMs);
  }

  #begin(limitMs: number): Deadline {
    const deadline = new Deadline(limitMs);
    deadline.onPassed(this.#pass);
    return deadline;
  }
}

function noAnswer(what: string, server: string, timeoutMs: number): RecacError {
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `could not ${what}: the API server at ${server} gave no whole answer within ${timeoutMs} ms. Try again; if it stays, look at the network and the API server's log.`,
    { details: { reason: 'Timeout', server, timeoutMs } },
  );
}
