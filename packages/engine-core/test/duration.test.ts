import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, maximumDurationMs, parseDuration, validateDurationMs } from '../src/duration.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

describe('parseDuration', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['0.1s', 100],
    ['1d', 86_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
    ['24d', maximumDurationMs],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each<[unknown, RegExp]>([
    ['', /empty/],
    [' ', /empty/],
    ['-1s', /negative/],
    ['300', /unit/],
    ['0', /unit/],
    ['5 minutes', /no duration/],
    ['5min', /no duration/],
    ['5M', /no duration/],
    ['NaN', /no duration/],
    ['Infinity', /no duration/],
    ['1e18', /no duration/],
    ['1e3s', /no duration/],
    ['30m1h', /no duration/],
    ['1s1s', /no duration/],
    ['5m\n', /no duration/],
    ['1.2.3s', /not one/],
    ['.s', /not one/],
    ['9999999999999s', /too long/],
    ['1.5ms', /whole/],
    ['0.0001s', /whole/],
    ['25d', /exceed 24d/],
    [300, /text/],
    [Number.NaN, /text/],
  ])('refuses %j', (text, rule) => {
    expectInvalidArgument(() => parseDuration(text as string, { field: 'session.timeout' }), 'session.timeout', rule);
  });

  test('refuses less than it is told', () => {
    expectInvalidArgument(() => parseDuration('0s', { minimumMs: 1 }), 'duration', /more than 0/);
    expectInvalidArgument(() => parseDuration('999ms', { minimumMs: 1_000 }), 'duration', /at least 1s/);
  });

  test('reads back what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: maximumDurationMs }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });

  test('either gives whole milliseconds within the limits or refuses, for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.dhms]{1,12}$/)), (text) => {
        let milliseconds = 0;
        try {
          milliseconds = parseDuration(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
        }
        expect(Number.isInteger(milliseconds) && milliseconds >= 0 && milliseconds <= maximumDurationMs).toBe(true);
      }),
    );
  });
});

describe('validateDurationMs', () => {
  test.each<[number, RegExp]>([
    [Number.NaN, /finite/],
    [Number.POSITIVE_INFINITY, /finite/],
    ['5' as unknown as number, /finite/],
    [1.5, /whole/],
    [-1, /negative/],
    [0, /more than 0/],
    [1e18, /exceed/],
  ])('refuses %j', (milliseconds, rule) => {
    expectInvalidArgument(() => validateDurationMs(milliseconds, 'timeoutMs', { minimumMs: 1 }), 'timeoutMs', rule);
  });
});

test('formatDuration writes 0 and rounds', () => {
  expect([formatDuration(0), formatDuration(0.4), formatDuration(1.6), formatDuration(61_001)]).toEqual([
    '0s',
    '0s',
    '2ms',
    '1m1s1ms',
  ]);
});
