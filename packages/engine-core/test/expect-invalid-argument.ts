import { expect } from 'vitest';
import { RecacError } from '../src/recac-error.ts';

/** Runs `action`, expects `RECAC_INVALID_ARGUMENT` for this field, and that the message names field, rule and a next step. */
export function expectInvalidArgument(action: () => unknown, field: string, rule: RegExp): void {
  let error: unknown;
  try {
    action();
  } catch (caught) {
    error = caught;
  }
  if (!RecacError.isInstance(error)) throw new Error(`expected an invalid argument error, got ${String(error)}`);
  expect(error.code).toBe('RECAC_INVALID_ARGUMENT');
  expect(error.details.field).toBe(field);

  expect(error.details.rule).not.toBe('');
  expect(error.message).toMatch(rule);
  expect(error.message).toMatch(/\. [A-Z].*[.?]$/s);
}
