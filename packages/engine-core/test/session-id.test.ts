import { describe, expect, test } from 'vitest';
import { validateSessionId } from '../src/session-id.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

describe('validateSessionId', () => {
  test.each([
    'a',
    '..',
    '/',
    '$(id)',
    '--help',
    '🦦',
    'Fix Login',
    '42',
    '-a-',
    'ü',
    'x'.repeat(200),
    '🦦'.repeat(200),
  ])('accepts %j', (id) => {
    expect(() => validateSessionId(id)).not.toThrow();
  });

  test.each<[string, RegExp]>([
    ['', /empty/],
    ['  \t ', /empty/],
    ['a\0b', /control/],
    ['a\nb', /control/],
    ['a\u001b[31m', /control/],
    ['a\u2028b', /control/],
    ['a\ud800b', /lone surrogates/],
    ['x'.repeat(201), /longer than 200 characters \(it has 201\)/],
  ])('refuses %j', (id, rule) => {
    expectInvalidArgument(() => validateSessionId(id), 'sessionId', rule);
  });

  test('refuses what is not a string, and names the field it is told', () => {
    expectInvalidArgument(() => validateSessionId(7 as unknown as string, '--name'), '--name', /string/);
  });
});
