import assert from 'node:assert/strict';
import type { ExecEnd, ExecOutcome, ExecResult } from '@recac/engine-core';

/** Asserts how a command ended, and shows its stderr when it ended otherwise. */
export function assertOutcome(end: ExecEnd | ExecResult, expected: ExecOutcome): void {
  const stderr = 'stderr' in end && end.stderr !== '' ? `, stderr: ${end.stderr.slice(0, 500)}` : '';
  const message = `the outcome is ${JSON.stringify(end.outcome)}, not ${JSON.stringify(expected)}${stderr}`;
  assert.deepEqual({ ...end.outcome }, { ...expected }, message);
}

/** Asserts that a command exited by itself with this code. */
export function assertExited(end: ExecEnd | ExecResult, code = 0): void {
  assertOutcome(end, { type: 'exited', code });
}

/** Asserts that two byte sequences are equal without printing megabytes when they are not. */
export function assertBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  const difference = actual.findIndex((byte, index) => byte !== expected[index]);
  assert.equal(difference, -1, `${what}: byte ${difference} differs`);
}
