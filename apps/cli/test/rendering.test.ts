import { describe, expect, test } from 'vitest';
import { printError, toErrorReport } from '../src/error-report.ts';
import { escapeText } from '../src/escape-text.ts';
import { toErrorStatus } from '../src/exit-status.ts';
import type { Io } from '../src/io.ts';
import { toJsonLine } from '../src/json-text.ts';
import { describeAge, describeMilliseconds } from '../src/milliseconds.ts';
import { renderTable } from '../src/table.ts';

test.each([
  ['plain Ünïcode 😀', 'plain Ünïcode 😀'],
  ['a\u001b[31mb', 'a\\x1b[31mb'],
  ['a\r\nb\tc', 'a\\r\\nb\\tc'],
  ['\u009b1m\u007f\u0000', '\\x9b1m\\x7f\\x00'],
  ['\u202eevil\u2066', '\\u202eevil\\u2066'],
  ['\ud800', '\\ud800'],
])('escapeText(%j)', (text, escaped) => {
  expect(escapeText(text)).toBe(escaped);
});

test('JSON is harmless and still the same value', () => {
  const value = { text: 'a\u001b\u009b\u202e\u2028😀' };
  expect(toJsonLine(value)).not.toMatch(/[[\p{Cc}\u2028\u202e]--\n]/v);
  expect(JSON.parse(toJsonLine(value))).toEqual(value);
});

test('tables are aligned and escaped', () => {
  expect(
    renderTable(
      ['A', 'B'],
      [
        ['long one', 'x'],
        ['s', '\u001b'],
      ],
    ),
  ).toBe('A         B\nlong one  x\ns         \\x1b\n');
});

test.each([
  [0, '0 ms', '0s'],
  [850, '850 ms', '0s'],
  [3_210, '3.2 s', '3s'],
  [250_000, '4 min 10 s', '4m'],
  [7_500_000, '2 h 5 min', '2h'],
  [200_000_000, '55 h 33 min', '2d'],
])('%i ms', (milliseconds, duration, age) => {
  expect([describeMilliseconds(milliseconds), describeAge(milliseconds)]).toEqual([duration, age]);
});

describe('errors', () => {
  test('what is no error of ours is a defect, told without a stack', async () => {
    const written: string[] = [];
    const io = {
      writeStderr: async (text: string) => void written.push(text),
      writeStdout: async () => {},
    } as unknown as Io;
    await printError(io, new Error('odd\u001b'), { json: false });
    expect(written.join('')).toBe(
      'recac: unexpected: odd\\x1b. Set RECAC_DEBUG=1 for the stack and report it. (RECAC_INTERNAL)\n',
    );
    expect(toErrorReport('text').code).toBe('RECAC_INTERNAL');
  });

  test.each([
    ['run', 'RECAC_INVALID_ARGUMENT', 125],
    ['exec', 'RECAC_ENGINE_UNAVAILABLE', 125],
    ['run', 'RECAC_ABORTED', 130],
    ['list', 'RECAC_CONFIG_INVALID', 2],
    ['stop', 'RECAC_PERMISSION_DENIED', 1],
    [undefined, 'RECAC_INVALID_ARGUMENT', 2],
  ])('%s failing with %s exits %i', (command, code, status) => {
    expect(toErrorStatus(command, code)).toBe(status);
  });
});
