import { invalidArgument } from './recac-error.ts';

/** Longest session id, in characters (Unicode code points). */
const maximumSessionIdLength = 200;

/**
 * Checks a session id: 1 to 200 characters, not only white space, no control character or line separator, no lone surrogate. Anything else is
 * legal, also `..`, `/`, `$(id)` or an emoji: it never becomes a path or a name as it is (see `toEnvironmentName`).
 * Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function validateSessionId(sessionId: string, field = 'sessionId'): void {
  const nextStep = `Use 1 to ${maximumSessionIdLength} printable characters, such as fix-login-42`;
  if (typeof sessionId !== 'string') throw invalidArgument(field, 'must be a string', `${nextStep}.`);
  if (sessionId.trim() === '') throw invalidArgument(field, 'must not be empty', `${nextStep}.`);
  if (/\p{Cs}/u.test(sessionId))
    throw invalidArgument(field, 'must be well-formed Unicode, without lone surrogates', `${nextStep}.`);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(sessionId)) {
    throw invalidArgument(field, 'must not hold control characters, such as NUL or a line end', `${nextStep}.`);
  }
  const length = [...sessionId].length;
  if (length > maximumSessionIdLength) {
    throw invalidArgument(
      field,
      `must not be longer than ${maximumSessionIdLength} characters (it has ${length})`,
      `${nextStep}.`,
    );
  }
}
