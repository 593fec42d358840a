import { describe, expect, test } from 'vitest';
import { validateWorkingDirectory } from '../src/working-directory.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

describe('validateWorkingDirectory', () => {
  test.each(['/', '/workspace', '/work space/ü', '/process', '/a/proc', `/${'x'.repeat(4_094)}`])(
    'accepts path %#',
    (path) => {
      expect(() => validateWorkingDirectory(path)).not.toThrow();
    },
  );

  test.each<[string, RegExp]>([
    ['', /empty/],
    ['relative', /absolute/],
    ['./a', /absolute/],
    ['~/a', /absolute/],
    ['/a\0', /NUL/],
    ['/\ud800', /lone surrogates/],
    [`/${'x'.repeat(4_095)}`, /4095/],
    ['/proc', /\/proc/],
    ['/proc/self/fd/7', /\/proc/],
    ['//proc/self', /\/proc/],
    ['/a/.././proc', /\/proc/],
    ['/../proc', /\/proc/],
  ])('refuses %j', (path, rule) => {
    expectInvalidArgument(() => validateWorkingDirectory(path), 'workingDirectory', rule);
  });
});
