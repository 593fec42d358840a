import { expect, test } from 'vitest';
import { createEngine } from '../src/create-engine.ts';
import type { EngineDriver } from '../src/engine-driver.ts';
import type { EngineOptions } from '../src/engine-options.ts';

const driver = { backend: 'test' } as unknown as EngineDriver;

test.each<EngineOptions>([
  { maxLanes: 0 },
  { maxLanes: 1.5 },
  { maxLanes: Number.POSITIVE_INFINITY },
  { recordLimitBytes: Number.POSITIVE_INFINITY },
  { recordLimitBytes: 0 },
  { recordLimitBytes: 1e21 },
  { recordLimitBytes: '1000' as never },
  { idleLaneMs: -1 },
  { idleLaneMs: Number.POSITIVE_INFINITY },
  { reconnectMs: Number.NaN },
  { reconnectMs: null as never },
])('an engine is not made with %o', (options) => {
  const [field] = Object.keys(options);
  expect(() => createEngine(driver, options)).toThrow(
    expect.objectContaining({ code: 'RECAC_INVALID_ARGUMENT', details: expect.objectContaining({ field }) }),
  );
});

test('an engine is made without options, with those that are not given, and with the least', () => {
  createEngine(driver);
  createEngine(driver, { maxLanes: undefined } as never);
  createEngine(driver, { maxLanes: 1, recordLimitBytes: 1, idleLaneMs: 0, reconnectMs: 0 });
});
