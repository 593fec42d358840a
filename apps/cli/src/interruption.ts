import { setTimeout as delay } from 'node:timers/promises';
import { printError } from './error-report.ts';
import { exitOk } from './exit-status.ts';
import type { Io } from './io.ts';
import { createLightError } from './light-error.ts';

/** What made us stop. `SIGPIPE`: nobody reads our stdout any more. */
export type InterruptionCause = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE';

/** Watches for Ctrl-C and its kin: the first asks for a graceful stop, the second for one at once, the third ends the process. */
export interface Interruption extends Disposable {
  /** Fires at the first; its reason is the {@link InterruptionCause}. */
  readonly graceful: AbortSignal;
  /** Fires at the second. */
  readonly forced: AbortSignal;
  /** What came first; `undefined` when nothing did. */
  readonly cause: InterruptionCause | undefined;
  /** 130, 143, 129 or 141 by the cause; `undefined` when nothing came. */
  readonly exitCode: number | undefined;
  /** The same of what Ctrl-C usually ends: 0 for `SIGINT`, and when nothing came. */
  readonly usualExitCode: number;
}

/** What is not finished when the process is ended by force. */
export interface Unfinished {
  /** What may stay, and the next step. */
  readonly message: string;
  /** Name of the session, where there is one. */
  readonly session?: string | undefined;
}

/** Options of {@link watchInterruption}. */
export interface InterruptionOptions {
  /** Told about each signal, with how many came. Default: nobody is. */
  readonly onCause?: (cause: InterruptionCause, count: number) => void;
  /** Asked before an end by force. Default: that is said without more. */
  readonly describeUnfinished?: () => Unfinished;
  /** With `--json` an end by force leaves its one object on stdout as well. Default: false. */
  readonly json?: boolean | undefined;
}

const exitCodes: Readonly<Record<InterruptionCause, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGPIPE: 141 };
const signalNames = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A Ctrl-C reaches us twice, within moments, when a wrapper such as npx passes it on as well. */
const echoMs = 100;
const forcedLimitMs = 5_000;
/** Nobody may read our last words. */
const lastWordsMs = 500;

/** Starts watching. Dispose it to give the signals their usual effect back; the limit that the second has set still holds, without a word. */
export function watchInterruption(io: Io, options: InterruptionOptions = {}): Interruption {
  const graceful = new AbortController();
  const forced = new AbortController();
  let cause: InterruptionCause | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  let count = 0;
  let isSaid = false;
  const say = async (): Promise<void> => {
    if (isSaid) return;
    isSaid = true;
    const { message, session } = options.describeUnfinished?.() ?? { message: 'not everything may be finished' };
    const error = createLightError(
      'RECAC_ABORTED',
      `ended at once: ${message}.`,
      session === undefined ? {} : { session },
    );
    await Promise.race([printError(io, error, { json: options.json === true }), delay(lastWordsMs)]);
  };
  const leave = (code: number): void => void say().finally(() => io.exit(code));
  const receive = (received: InterruptionCause): void => {
    const now = performance.now();
    if (now - lastAt < echoMs) return;
    lastAt = now;
    cause ??= received;
    count += 1;
    options.onCause?.(received, count);
    if (count === 1) graceful.abort(received);
    if (count === 2) {
      forced.abort(received);
      setTimeout(leave, forcedLimitMs, exitCodes[cause]).unref();
    }
    if (count >= 3) leave(exitCodes[cause]);
  };
  const listeners = signalNames.map((name) => ({ name, listener: () => receive(name) }));
  for (const { name, listener } of listeners) process.on(name, listener);
  io.stdoutClosed.addEventListener('abort', () => receive('SIGPIPE'), { once: true });
  return {
    graceful: graceful.signal,
    forced: forced.signal,
    get cause() {
      return cause;
    },
    get exitCode() {
      return cause === undefined ? undefined : exitCodes[cause];
    },
    get usualExitCode() {
      return cause === undefined || cause === 'SIGINT' ? exitOk : exitCodes[cause];
    },
    [Symbol.dispose]() {
      isSaid = true;
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
