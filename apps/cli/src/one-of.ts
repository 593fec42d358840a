import { invalidArgument } from '@recac/engine-core';

/** The value of a flag that has a few choices. Errors: `RECAC_INVALID_ARGUMENT` naming the flag and the choices. */
export function oneOf<Value extends string>(flag: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw invalidArgument(flag, `must be one of ${allowed.join(', ')}`, `It is ${JSON.stringify(value)}.`);
  return found;
}
