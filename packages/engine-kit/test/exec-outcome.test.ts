import type { ExecOutcome } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { toOutcome } from '../src/exec/exec-outcome.ts';
import type { EndedCommand } from '../src/lane/exec-lane.ts';

const complete = { stdoutEnd: 0, stderrEnd: 0, stdoutDropped: 0, stderrDropped: 0, heldOpen: false };

test.each<[string, Pick<EndedCommand, 'code' | 'signaled' | 'cause'>, readonly string[], ExecOutcome]>([
  ['success', { code: 0, signaled: false }, [], { type: 'exited', code: 0 }],
  ['a failure', { code: 1, signaled: false }, [], { type: 'exited', code: 1 }],
  ['not found', { code: 127, signaled: false }, [], { type: 'exited', code: 127 }],
  ['code 255', { code: 255, signaled: false }, [], { type: 'exited', code: 255 }],
  ['a plain exit 137', { code: 137, signaled: false }, [], { type: 'exited', code: 137 }],
  ['a death by SIGKILL', { code: 137, signaled: true }, [], { type: 'signaled', signal: 'SIGKILL' }],
  ['a death by SIGSEGV', { code: 139, signaled: true }, [], { type: 'signaled', signal: 'SIGSEGV' }],
  ['130 without a signal of ours', { code: 130, signaled: false }, [], { type: 'exited', code: 130 }],
  ['130 after we sent SIGINT', { code: 130, signaled: false }, ['SIGINT'], { type: 'signaled', signal: 'SIGINT' }],
  ['130 after we sent another', { code: 130, signaled: false }, ['SIGTERM'], { type: 'exited', code: 130 }],
  ['success in spite of a signal', { code: 0, signaled: false }, ['SIGTERM'], { type: 'exited', code: 0 }],
  ['cancelled', { code: 143, signaled: true, cause: { type: 'cancelled' } }, [], { type: 'cancelled' }],
  ['cancelled, but it said 0', { code: 0, signaled: false, cause: { type: 'cancelled' } }, [], { type: 'cancelled' }],
  [
    'out of time',
    { code: 143, signaled: true, cause: { type: 'timedOut', limit: 'idle', limitMs: 5 } },
    [],
    { type: 'timedOut', limit: 'idle', limitMs: 5 },
  ],
])('%s', (_, record, sent, outcome) => {
  expect(toOutcome({ type: 'recorded', byLane: true, record: { ...complete, ...record } }, new Set(sent))).toEqual(
    outcome,
  );
});

test('lost is never taken for an exit', () => {
  expect(toOutcome({ type: 'lost', reason: 'gone' }, new Set(['SIGKILL']))).toEqual({ type: 'lost', reason: 'gone' });
});
