import { RecacError } from '@recac/engine-core';

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** The HTTP status in an error of a daemon call, when there was an answer. */
export function toStatus(error: unknown): number | undefined {
  if (RecacError.isInstance(error)) return error.details?.status as number | undefined;
  return (error as { readonly statusCode?: number }).statusCode;
}

/** True for a failure that may pass by itself: a broken connection, a daemon or proxy in trouble or asking for patience. A refused connection is not one. */
export function isPassing(error: unknown): boolean {
  const { code, passes } = error as { readonly code?: string; readonly passes?: boolean };
  const status = toStatus(error);
  if (status !== undefined) return status === 429 || status === 500 || status === 502 || status === 503;
  return code === 'ECONNRESET' || code === 'EPIPE' || passes === true;
}

/** The daemon's own words in an error, without dockerode's decoration. */
export function toDaemonMessage(error: unknown): string {
  const { json, message } = error as { readonly json?: { readonly message?: string }; readonly message?: string };
  return (json?.message ?? message ?? String(error)).trim();
}

/** A text as part of a sentence of ours. */
export function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}

/** Translates a failed call. Errors that are ours already pass through. */
export function toDaemonError(error: unknown, what: string, endpoint: string): RecacError {
  if (RecacError.isInstance(error)) return error;
  const { code } = error as { readonly code?: string };
  const status = toStatus(error);
  if (status !== undefined) return toAnswerError(error, what, endpoint, status);
  if (code === 'EACCES' || code === 'EPERM') {
    return new RecacError(
      'RECAC_PERMISSION_DENIED',
      `you may not use the Docker socket at ${endpoint}. Join the group docker, use a rootless daemon, or name another host.`,
      { cause: error, details: { endpoint } },
    );
  }
  const reason = code !== undefined && connectionCodes.has(code) ? code : toDaemonMessage(error);
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `${what}: the Docker daemon at ${endpoint} cannot be reached (${reason}). Start it, or name another with DOCKER_HOST.`,
    { cause: error, details: { endpoint, reason } },
  );
}

function toAnswerError(error: unknown, what: string, endpoint: string, status: number): RecacError {
  const message = toDaemonMessage(error);
  const options = { cause: error, details: { endpoint, status, message } };
  const said = withoutStop(message);
  if (status === 401 || status === 403)
    return new RecacError(
      'RECAC_PERMISSION_DENIED',
      `${what}: the daemon refused it (${status}): ${said}. Where an authorization plugin or a proxy decides, ask for the right to do it.`,
      options,
    );
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `${what}: the daemon answered ${status}: ${said}. Try again, and look at its log.`,
    options,
  );
}
