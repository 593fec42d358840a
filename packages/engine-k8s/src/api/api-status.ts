import { toServerWords } from './server-words.ts';

/** One of the causes in a refusal of the API server. */
export interface ApiCause {
  /** Kind of the cause, such as `FieldValueInvalid`. */
  readonly reason?: string;
  /** What is wrong, in the server's words. */
  readonly message?: string;
  /** Field at fault, such as `spec.template.spec.containers[0].image`. */
  readonly field?: string;
}

/** What a failed answer says; texts are fit for a message. */
export interface ApiStatus {
  /** HTTP status. */
  readonly status: number;
  /** Kubernetes' word for the failure, such as `AlreadyExists`; absent when somebody else answered, such as a proxy. */
  readonly reason?: string;
  /** What is wrong, in the server's words; may be empty. */
  readonly message: string;
  /** Causes, one by one. */
  readonly causes: readonly ApiCause[];
}

interface RawStatus {
  readonly kind?: unknown;
  readonly status?: unknown;
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: unknown };
}

const markup = /<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi;

/** Reads the body of a failed answer: a Status, or whatever a proxy wrote. */
export function readApiStatus(status: number, body: string): ApiStatus {
  const raw = parse(body);
  if (!isFailure(raw))
    return { status, message: toServerWords(body.slice(0, 16_384).replace(markup, ' ')), causes: [] };
  return {
    status: typeof raw.code === 'number' ? raw.code : status,
    message: toText(raw.message),
    ...(raw.reason === undefined ? {} : { reason: toText(raw.reason) }),
    causes: Array.isArray(raw.details?.causes) ? raw.details.causes.slice(0, 20).map(toCause) : [],
  };
}

/** True for a Status that tells of a failure, whatever the HTTP status was. */
export function isFailure(value: unknown): value is RawStatus {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, status } = value as RawStatus;
  return kind === 'Status' && status === 'Failure';
}

function toCause(cause: unknown): ApiCause {
  const { reason, message, field } = (cause ?? {}) as Record<string, unknown>;
  return {
    ...(reason === undefined ? {} : { reason: toText(reason) }),
    ...(message === undefined ? {} : { message: toText(message) }),
    ...(field === undefined ? {} : { field: toText(field) }),
  };
}

function toText(value: unknown): string {
  return typeof value === 'string' ? toServerWords(value) : '';
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
