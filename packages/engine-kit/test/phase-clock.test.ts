import type { StartEvent } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { PhaseClock } from '../src/phase-clock.ts';

function record(): { readonly clock: PhaseClock; readonly events: StartEvent[] } {
  const events: StartEvent[] = [];
  return { clock: new PhaseClock((event) => events.push(event)), events };
}

test('phases are told one after the other, each started and finished', () => {
  const { clock, events } = record();
  clock.begin('start');
  clock.begin('ready');
  clock.wait('for the first answer');
  clock.finish();
  expect(events.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
    'start started',
    'start finished',
    'ready started',
    'ready waiting',
    'ready finished',
  ]);
  expect(events[3]).toMatchObject({ message: 'for the first answer' });
  expect(events[4]).not.toHaveProperty('message');
  for (const { elapsedMs } of events) expect(elapsedMs).toBeGreaterThanOrEqual(0);
});

test('outside a phase nothing is told', () => {
  const { clock, events } = record();
  clock.wait('for nothing');
  clock.finish();
  clock.begin('start');
  expect(clock.phase).toBe('start');
  clock.finish();
  clock.finish();
  clock.wait('for nothing');
  expect(clock.phase).toBeUndefined();
  expect(events.length).toBe(2);
});

test('the whole start is timed apart from its phases', () => {
  const { clock, events } = record();
  clock.begin('start');
  clock.begin('ready');
  expect(clock.elapsedMs).toBeGreaterThanOrEqual(events[1]?.elapsedMs ?? Number.POSITIVE_INFINITY);
});
