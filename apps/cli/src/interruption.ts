import type { Io } from './io.ts';

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
}

const exitCodes: Readonly<Record<InterruptionCause, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGPIPE: 141 };
const signalNames = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A Ctrl-C reaches us twice, within moments, when a wrapper such as npx passes it on as well. */
const echoMs = 100;
const forcedLimitMs = 5_000;

/** Starts watching. Dispose it to give the signals their usual effect back. */
export function watchInterruption(
  io: Io,
  options: { readonly onCause?: (cause: InterruptionCause, count: number) => void } = {},
): Interruption {
  const graceful = new AbortController();
  const forced = new AbortController();
  let cause: InterruptionCause | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  let count = 0;
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
      setTimeout(() => io.exit(exitCodes[cause ?? received]), forcedLimitMs).unref();
    }
    if (count >= 3) io.exit(exitCodes[cause]);
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
    [Symbol.dispose]() {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
