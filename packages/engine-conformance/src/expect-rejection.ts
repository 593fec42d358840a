import assert from 'node:assert/strict';
import { type ErrorCode, RecacError } from '@recac/engine-core';

/** Asserts that the promise rejects with a `RecacError` of one of these codes (any code when none is given); gives the error. */
export async function expectRejection(
  promise: Promise<unknown>,
  codes: readonly ErrorCode[],
  what: string,
): Promise<RecacError> {
  const error = await promise.then(
    () => assert.fail(`${what}: resolved, expected ${codes.join(' or ') || 'a rejection'}`),
    (reason: unknown) => reason,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.ok(RecacError.isInstance(error), `${what}: rejected with ${String(error)}, which is not a RecacError`);
  const expected = codes.length === 0 || codes.includes(error.code);
  assert.ok(expected, `${what}: rejected with ${error.code} (${error.message}), expected ${codes.join(' or ')}`);
  return error;
}

/** Asserts a refusal with `RECAC_INVALID_ARGUMENT` that names its field. */
export async function expectInvalid(promise: Promise<unknown>, what: string): Promise<void> {
  const error = await expectRejection(promise, ['RECAC_INVALID_ARGUMENT'], what);
  assert.equal(typeof error.details.field, 'string', `${what}: details.field names the field`);
  assert.notEqual(error.message, '', `${what}: has a message`);
}

/** Asserts a refusal with `RECAC_CAPABILITY_UNSUPPORTED` that names the capability. */
export async function expectUnsupported(promise: Promise<unknown>, capability: string, what: string): Promise<void> {
  const error = await expectRejection(promise, ['RECAC_CAPABILITY_UNSUPPORTED'], what);
  assert.equal(error.details.capability, capability, `${what}: details.capability`);
}
