import { describe, expect, test } from 'vitest';
import { labelKeys, validateLabels } from '../src/labels.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

describe('validateLabels', () => {
  test.each(['team', 'example.com/team', 'app.kubernetes.io/name', 'A_b.c-1', 'x'.repeat(63), 'notrecac.dev/x'])(
    'accepts the key %s',
    (key) => {
      expect(() => validateLabels({ [key]: 'value' })).not.toThrow();
    },
  );

  test.each(['', 'web-1', 'A.b_c', 'x'.repeat(63)])('accepts the value %j', (value) => {
    expect(() => validateLabels({ team: value })).not.toThrow();
  });

  test.each<[string, RegExp]>([
    ['', /name/],
    ['example.com/', /name/],
    ['x'.repeat(64), /63/],
    ['-team', /letters/],
    ['te am', /letters/],
    ['a/b/c', /letters/],
    ['Example.com/team', /DNS/],
    ['/team', /DNS/],
    [`${'x.'.repeat(127)}x/team`, /253/],
    [labelKeys.session, /reserved/],
    ['sub.recac.dev/x', /reserved/],
    ['kubernetes.io/x', /reserved/],
    ['batch.kubernetes.io/job-name', /reserved/],
    ['k8s.io/x', /reserved/],
  ])('refuses the key %j', (key, rule) => {
    expectInvalidArgument(() => validateLabels({ [key]: '' }), `labels.${key}`, rule);
  });

  test.each<[unknown, RegExp]>([
    ['x'.repeat(64), /63/],
    ['a b', /letters/],
    ['-a', /letters/],
    ['a\n', /letters/],
    ['ü', /letters/],
    [1, /string/],
  ])('refuses the value %j', (value, rule) => {
    expectInvalidArgument(() => validateLabels({ team: value as string }), 'labels.team', rule);
  });
});
