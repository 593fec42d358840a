import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maximumEnvironmentNameLength, toEnvironmentName } from '../src/environment-name.ts';
import { RecacError } from '../src/recac-error.ts';

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const hash = '[0-9a-hjkmnp-tv-z]{15}';
const sessionId = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }),
    fc.stringMatching(/^[a-z0-9-]{1,50}$/),
    fc.stringMatching(/^[a-c]{1,3}-[0-9a-f]{15}$/),
    fc.stringMatching(/^[aA]{1,3}[-_ ./]?[bB]?$/),
  )
  .filter((id) => {
    try {
      toEnvironmentName(id);
      return true;
    } catch {
      return false;
    }
  });

describe('toEnvironmentName', () => {
  test.each([
    ['fix-login-42', 'recac-agent-fix-login-42'],
    ['7', 'recac-agent-7'],
    ['x'.repeat(40), `recac-agent-${'x'.repeat(40)}`],
    ['0190c4a5-7d0e-7cc3-9b0a-3f1f0f9c2b11', 'recac-agent-0190c4a5-7d0e-7cc3-9b0a-3f1f0f9c2b11'],
  ])('keeps %j', (id, name) => {
    expect(toEnvironmentName(id)).toBe(name);
  });

  test.each([
    ['Fix Login', 'fix-login-'],
    ['x'.repeat(41), `${'x'.repeat(24)}-`],
    ['..', ''],
    ['/', ''],
    ['🦦', ''],
    ['$(id)', 'id-'],
    ['--help', 'help-'],
    ['trailing-', 'trailing-'],
    ['ÜBER', 'ber-'],
    ['a-0123456789abcde', 'a-0123456789abcde-'],
  ])('hashes %j', (id, readable) => {
    expect(toEnvironmentName(id)).toMatch(new RegExp(`^recac-agent-${readable}${hash}$`));
  });

  test('does not change between releases', () => {
    expect(toEnvironmentName('Fix Login')).toMatchInlineSnapshot(`"recac-agent-fix-login-qw7tssjprpggy83"`);
  });

  test('is always a DNS label with room for the suffix of a pod', () => {
    fc.assert(
      fc.property(sessionId, (id) => {
        const name = toEnvironmentName(id);
        expect(name).toMatch(label);
        expect(name.startsWith('recac-agent-')).toBe(true);
        expect(name.length).toBeLessThanOrEqual(maximumEnvironmentNameLength);
      }),
      { numRuns: 500 },
    );
  });

  test('never gives two ids one name', () => {
    fc.assert(
      fc.property(fc.uniqueArray(sessionId, { minLength: 2, maxLength: 20 }), (ids) => {
        expect(new Set(ids.map(toEnvironmentName)).size).toBe(ids.length);
      }),
      { numRuns: 300 },
    );
  });

  test('never gives an id the name that another id was hashed to', () => {
    fc.assert(
      fc.property(sessionId, (id) => {
        const taken = toEnvironmentName(id).slice('recac-agent-'.length);
        if (taken !== id) expect(toEnvironmentName(taken)).not.toBe(`recac-agent-${taken}`);
      }),
      { numRuns: 500 },
    );
  });

  test('refuses what is no session id', () => {
    expect(() => toEnvironmentName('a\nb')).toThrow(RecacError);
  });
});
