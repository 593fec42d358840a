import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareQuantities, parseQuantity, toBytes, toMillicores } from '../src/quantity.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

const suffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'e3', 'E3', 'e-3', 'e+2'];

describe('parseQuantity', () => {
  test.each<[string, bigint]>([
    ['1', 1_000_000_000n],
    ['0', 0n],
    ['+1', 1_000_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5_000_000_000n],
    ['500m', 500_000_000n],
    ['0.1', 100_000_000n],
    ['100n', 100n],
    ['3u', 3_000n],
    ['2k', 2_000_000_000_000n],
    ['1M', 10n ** 15n],
    ['1G', 10n ** 18n],
    ['1T', 10n ** 21n],
    ['1P', 10n ** 24n],
    ['1E', 10n ** 27n],
    ['1Ki', 1_024_000_000_000n],
    ['1Mi', 1_048_576_000_000_000n],
    ['1.5Gi', 1_610_612_736_000_000_000n],
    ['1Ti', (10n ** 9n) << 40n],
    ['1Pi', (10n ** 9n) << 50n],
    ['1Ei', (10n ** 9n) << 60n],
    ['1e3', 10n ** 12n],
    ['1E3', 10n ** 12n],
    ['1e-3', 1_000_000n],
    ['12e+2', 1_200_000_000_000n],
    ['10e-10', 1n],
  ])('reads %s', (text, nano) => {
    expect(parseQuantity(text)).toEqual({ text, nano });
  });

  test.each<[unknown, RegExp]>([
    ['', /empty/],
    ['-1', /negative/],
    ['1GiB', /Did you mean 1Gi\?/],
    ['512mb', /Did you mean 512M\?/],
    ['1 Gi', /Did you mean 1Gi\?/],
    ['1gi', /Did you mean 1Gi\?/],
    ['1K', /Did you mean 1k\?/],
    ['1.5.2', /no quantity/],
    ['0x10', /no quantity/],
    ['1e99', /exceed/],
    ['8Ei', /exceed/],
    ['1e999', /exceed/],
    ['1e1000', /no quantity/],
    ['.', /no quantity/],
    ['m', /no quantity/],
    ['1e', /no quantity/],
    ['1mi', /Did you mean 1Mi\?/],
    ['1Gi\n', /Did you mean 1Gi\?/],
    ['１', /no quantity/],
    ['0.1n', /finer/],
    ['1e-10', /finer/],
    [1, /text/],
  ])('refuses %j', (text, rule) => {
    expectInvalidArgument(() => parseQuantity(text as string, 'memory'), 'memory', rule);
  });

  test('is exact: digits and suffix give the product, in any spelling', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 1_000n }),
        fc.nat({ max: 999 }),
        fc.constantFrom(...suffixes),
        (whole, thousandths, suffix) => {
          fc.pre(!['n', 'u', 'm', 'e-3'].includes(suffix) || thousandths === 0);
          const unit = parseQuantity(`1${suffix}`).nano;
          const text = `${whole}.${String(thousandths).padStart(3, '0')}${suffix}`;
          expect(parseQuantity(text).nano * 1_000n).toBe(unit * (whole * 1_000n + BigInt(thousandths)));
        },
      ),
    );
  });

  test('refuses or reads any text, never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.+eEKMGikmnu-]{1,10}$/)), (text) => {
        try {
          expect(parseQuantity(text).nano).toBeGreaterThanOrEqual(0n);
        } catch (error) {
          expect(error).toMatchObject({ code: 'RECAC_INVALID_ARGUMENT' });
        }
      }),
    );
  });
});

test('compareQuantities compares amounts, not spellings', () => {
  expect(compareQuantities(parseQuantity('1000m'), parseQuantity('1'))).toBe(0);
  expect(compareQuantities(parseQuantity('1G'), parseQuantity('1Gi'))).toBe(-1);
  expect(compareQuantities(parseQuantity('2'), parseQuantity('1999m'))).toBe(1);
});

test('toBytes and toMillicores round up', () => {
  expect(toBytes(parseQuantity('1Gi'))).toBe(1_073_741_824);
  expect(toBytes(parseQuantity('1500m'))).toBe(2);
  expect(toMillicores(parseQuantity('0.5'))).toBe(500);
  expect(toMillicores(parseQuantity('1u'))).toBe(1);
});
