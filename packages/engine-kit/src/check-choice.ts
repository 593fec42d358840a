import { invalidArgument } from '@recac/engine-core';

/** Refuses a value that is none of those there are: code without types may give any. Errors: `RECAC_INVALID_ARGUMENT`. */
export function checkChoice(value: string, choices: readonly string[], field: string): void {
  if (choices.includes(value)) return;
  throw invalidArgument(
    field,
    `must be ${choices.join(' or ')}`,
    'Write one of them, or leave it out for the default.',
  );
}
