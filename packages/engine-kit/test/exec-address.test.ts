import { RecacError } from '@recac/engine-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLaneName, parseExecId, toExecId, toPoolName, toPoolUser } from '../src/lane/exec-address.ts';

const user = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const position = { generation: fc.nat({ max: 999_999_999 }), number: fc.nat({ max: 999_999_999 }) };

test('any user comes back from the name of its pool, and the name is safe as a file name and in shell source', () => {
  fc.assert(
    fc.property(user, (one) => {
      const pool = toPoolName(one);
      expect(pool).toMatch(/^u-[A-Za-z0-9_.]+$/);
      expect(toPoolUser(pool)).toBe(one);
    }),
    { numRuns: 1_000 },
  );
});

test('an underscore is not taken for the mark of another character (found by fast-check)', () => {
  for (const one of ['_0\0', '_0_', '_', '__', 'www_data', '_5f_']) expect(toPoolUser(toPoolName(one))).toBe(one);
});

test("a user named default has another pool than the environment's own", () => {
  expect(toPoolName('default')).not.toBe(toPoolName(undefined));
  expect(toPoolUser(toPoolName(undefined))).toBeUndefined();
});

test('two users never share a pool', () => {
  fc.assert(
    fc.property(user, user, (one, other) => {
      fc.pre(one !== other);
      expect(toPoolName(one)).not.toBe(toPoolName(other));
    }),
  );
});

test('every address comes back from its exec id', () => {
  fc.assert(
    fc.property(fc.option(user, { nil: undefined }), fc.record(position), (owner, where) => {
      const address = { pool: toPoolName(owner), lane: createLaneName(), ...where };
      expect(parseExecId(toExecId(address))).toEqual(address);
    }),
  );
});

test.each([
  '',
  'default~0123abcd-1-1',
  '0123abcd-1',
  '0123ABCD-1-1',
  '0123abcd-1-1\n',
  ' 0123abcd-1-1',
  '../0123abcd-1-1',
  'u-../x~0123abcd-1-1',
  "u-x'~0123abcd-1-1",
  'u-~0123abcd-1-1',
  '0123abcd--1-1',
  '0123abcd-1-1234567890',
  '0123abcd-1-1; reboot',
])('the foreign exec id %j is refused before it reaches a shell', (execId) => {
  const refused = expect.objectContaining({ code: 'RECAC_EXEC_NOT_FOUND', details: { execId } });
  expect(() => parseExecId(execId)).toThrow(refused);
});

test('any other text is refused with the same code', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(toExecId(parseExecId(text))).toBe(text);
      } catch (error) {
        expect(RecacError.isInstance(error) && error.code).toBe('RECAC_EXEC_NOT_FOUND');
      }
    }),
  );
});
