import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEndCause, type EndCause, encodeEndCause } from '../src/lane/end-cause.ts';
import { parseExecRecord } from '../src/lane/exec-record.ts';

const cause: fc.Arbitrary<EndCause | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant({ type: 'cancelled' } as const),
  fc.record({
    type: fc.constant('timedOut' as const),
    limit: fc.constantFrom('total' as const, 'idle' as const),
    limitMs: fc.nat(),
  }),
);
const count = fc.nat({ max: 2 ** 40 });

test('every cause survives its word in the record', () => {
  fc.assert(
    fc.property(cause, (one) => {
      expect(decodeEndCause(one === undefined ? '-' : encodeEndCause(one))).toEqual(one);
    }),
  );
});

test.each(['', '-', 'cancelledx', 'total', 'total.', 'idle.1x', 'total.-1', 'x total.1'])(
  'the word %j is no cause',
  (word) => {
    expect(decodeEndCause(word)).toBeUndefined();
  },
);

test('what the dispatcher writes is what is read', () => {
  fc.assert(
    fc.property(
      fc.array(count, { minLength: 11, maxLength: 11 }),
      fc.oneof(fc.constant(137), fc.nat({ max: 255 })),
      fc.boolean(),
      fc.boolean(),
      cause,
      (numbers, code, signaled, heldOpen, why) => {
        const [pid, lane, outBase, errBase, limit, outEnd, errEnd, outDropped, errDropped, killsBefore = 0, kills] =
          numbers as [number, ...number[]];
        const record = parseExecRecord([
          `7 p ${pid} 111 ${lane} 222 ${outBase} ${errBase} ${limit} ${killsBefore}`,
          `7 c ${code}${signaled ? 's' : ''} ${why ? encodeEndCause(why) : code === 137 ? `memory.${kills}` : '-'}`,
          `7 e ${outEnd} ${errEnd} ${outDropped} ${errDropped} ${heldOpen ? 1 : 0}`,
        ]);
        const ending = why ? { cause: why } : code === 137 ? { memoryKills: kills } : {};
        const expectedCode = { code, signaled, ...ending };
        expect(record).toEqual({
          started: {
            process: { pid, startTime: '111' },
            stdoutBase: outBase,
            stderrBase: errBase,
            limit,
            memoryKills: killsBefore,
          },
          dispatcher: { pid: lane, startTime: '222' },
          code: expectedCode,
          ended: {
            ...expectedCode,
            stdoutEnd: outEnd,
            stderrEnd: errEnd,
            stdoutDropped: outDropped ?? 0,
            stderrDropped: errDropped ?? 0,
            heldOpen,
          },
        });
      },
    ),
  );
});

test('a record is never complete without its exit code', () => {
  expect(parseExecRecord(['1 p 10 20 30 40 0 0 9 0', '1 e 5 0 0 0 0']).ended).toBeUndefined();
});

test('lines that are cut short or unknown are passed over', () => {
  expect(parseExecRecord(['', '1', '1 p 10', '1 c', '1 e 1 2', '1 z a b c', '1 x workingDirectory', '1 n n'])).toEqual(
    {},
  );
});

test('a refusal and a request that never came are told apart from silence', () => {
  expect(parseExecRecord(['3 x workingDirectory missing']).refused).toMatchObject({
    code: 'RECAC_INVALID_ARGUMENT',
    details: { field: 'workingDirectory' },
  });
  expect(parseExecRecord(['3 n'])).toEqual({ neverRan: true });
});
