import { describe, expect, test } from 'vitest';
import { validateEnvironmentVariables } from '../src/environment-variables.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

const field = 'environmentVariables';

describe('validateEnvironmentVariables', () => {
  test.each(['PATH', 'LD_PRELOAD', '1ST', 'with.dots', 'with space', 'ÜBER', 'BASH_FUNC_x%%', 'lower'])(
    'accepts the name %s',
    (name) => {
      expect(() => validateEnvironmentVariables({ [name]: 'value' })).not.toThrow();
    },
  );

  test.each(['', 'two\nlines', '$(HOME)', 'a=b', '🦦'])('accepts the value %j', (value) => {
    expect(() => validateEnvironmentVariables({ NAME: value })).not.toThrow();
  });

  test('accepts bytes that are no text', () => {
    expect(() => validateEnvironmentVariables({ NAME: Uint8Array.of(0xff, 0xfe) })).not.toThrow();
  });

  test.each<[string, string, RegExp]>([
    ['', field, /empty name/],
    ['A=B', `${field}.A=B`, /"="/],
    ['A\0B', field, /NUL/],
    ['A\udc00', field, /lone surrogates/],
  ])('refuses the name %j', (name, expectedField, rule) => {
    expectInvalidArgument(() => validateEnvironmentVariables({ [name]: '' }), expectedField, rule);
  });

  test.each<[unknown, RegExp]>([
    ['a\0b', /NUL/],
    ['\ud800', /lone surrogates/],
    [Uint8Array.of(1, 0), /NUL/],
    [5, /string or bytes/],
    [undefined, /string or bytes/],
  ])('refuses the value %j', (value, rule) => {
    expectInvalidArgument(() => validateEnvironmentVariables({ NAME: value as string }), `${field}.NAME`, rule);
  });

  test('takes the longest value that Linux takes, and not one byte more', () => {
    const longest = 131_071 - 'NAME='.length;
    expect(() => validateEnvironmentVariables({ NAME: 'x'.repeat(longest) })).not.toThrow();
    expectInvalidArgument(
      () => validateEnvironmentVariables({ NAME: 'x'.repeat(longest + 1) }),
      `${field}.NAME`,
      /131071/,
    );
    expectInvalidArgument(() => validateEnvironmentVariables({ NAME: 'ü'.repeat(65_536) }), `${field}.NAME`, /131071/);
  });

  test('refuses more than 1 MiB together', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`NAME_${index}`, 'x'.repeat(120_000)]));
    expectInvalidArgument(() => validateEnvironmentVariables(many), field, /1048576/);
  });

  test('never shows a value', () => {
    expect(() => validateEnvironmentVariables({ TOKEN: 'secret\0' })).toThrow(/^(?!.*secret)/s);
  });
});
