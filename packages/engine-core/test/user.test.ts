import { describe, expect, test } from 'vitest';
import { validateUser } from '../src/user.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

describe('validateUser', () => {
  test.each(['root', 'node', '_apt', 'www-data', 'first.last', 'machine$', '0', '1000', '1000:1000', '4294967294'])(
    'accepts %s',
    (user) => {
      expect(() => validateUser(user)).not.toThrow();
    },
  );

  test.each<[string, RegExp]>([
    ['', /empty/],
    ['-1', /name, a uid/],
    ['4294967295', /at most/],
    ['1:4294967295', /at most/],
    ['99999999999999999999', /at most/],
    ['1000:', /name, a uid/],
    [':1000', /name, a uid/],
    ['a:b:c', /name, a uid/],
    ['node:node', /name, a uid/],
    ['$(id)', /name, a uid/],
    ['a b', /name, a uid/],
    ['node\n', /name, a uid/],
    ['1e3', /name, a uid/],
    ['x'.repeat(33), /name, a uid/],
  ])('refuses %j', (user, rule) => {
    expectInvalidArgument(() => validateUser(user), 'user', rule);
  });
});
