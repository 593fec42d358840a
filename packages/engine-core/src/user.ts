import { invalidArgument } from './recac-error.ts';

const nameShape = /^[A-Za-z_][A-Za-z0-9_.-]{0,30}[A-Za-z0-9_.$-]?$/;
const numericShape = /^(\d+)(?::(\d+))?$/;
const maximumId = 4_294_967_294;

/**
 * Checks a user: a name, a uid, or uid:gid, with ids from 0 to 4 294 967 294 (the next one means "no user" to the kernel). `root`
 * and `0` pass; an engine that forbids them says so itself. Whether a name exists only the environment knows.
 * Errors: `RECAC_INVALID_ARGUMENT`.
 */
export function validateUser(user: string, field = 'user'): void {
  const nextStep = 'Use a name such as node, a uid such as 1000, or uid:gid such as 1000:1000.';
  if (typeof user !== 'string') throw invalidArgument(field, 'must be a string', nextStep);
  if (user === '') throw invalidArgument(field, 'must not be empty', nextStep);
  const numeric = numericShape.exec(user);
  if (numeric !== null) {
    const ids = [numeric[1], numeric[2] ?? '0'].map(Number);
    if (ids.some((id) => id > maximumId))
      throw invalidArgument(field, `must have ids of at most ${maximumId}`, nextStep);
    return;
  }
  if (!nameShape.test(user)) throw invalidArgument(field, 'must be a name, a uid, or uid:gid', nextStep);
}
