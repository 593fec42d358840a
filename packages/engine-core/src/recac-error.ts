import type { ErrorCode } from './error-code.ts';

const marker = Symbol.for('recac.error');

/** What a {@link RecacError} is made from. */
export interface RecacErrorOptions {
  /** The underlying error, kept as `error.cause`. */
  readonly cause?: unknown;
  /** Facts a program can act on, by code; see {@link ErrorCode}. Never holds a secret. Default: none. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of recac. `code` is stable API; `message` is one sentence on what went wrong
 * followed by the next step, and may change in any release.
 */
export class RecacError extends Error {
  /** Stable reason, for programs. */
  readonly code: ErrorCode;
  /** Facts a program can act on. Empty when there are none. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: RecacErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code === 'RECAC_ABORTED' ? 'AbortError' : 'RecacError';
    this.code = code;
    this.details = options.details ?? {};
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for a `RecacError` of any installed copy of this package (`instanceof` is not: two copies may be loaded). */
  static isInstance(value: unknown): value is RecacError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/** The error for an argument that breaks a rule: names the field, the rule and what to do instead. */
export function invalidArgument(field: string, rule: string, nextStep: string): RecacError {
  return new RecacError('RECAC_INVALID_ARGUMENT', `${field} ${rule}. ${nextStep}`, { details: { field, rule } });
}

/** The error for something that the engine's capabilities declare false. */
export function unsupportedCapability(backend: string, capability: string, nextStep: string): RecacError {
  return new RecacError(
    'RECAC_CAPABILITY_UNSUPPORTED',
    `the ${backend} engine does not support ${capability}. ${nextStep}`,
    { details: { backend, capability } },
  );
}

/** Throws `RECAC_ABORTED` when the signal has fired; its reason becomes the cause. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw abortedError(what, signal.reason);
}

/** The error for a call that was cancelled before it had a result. */
export function abortedError(what: string, reason?: unknown): RecacError {
  return new RecacError('RECAC_ABORTED', `${what} was cancelled.`, { cause: reason });
}
