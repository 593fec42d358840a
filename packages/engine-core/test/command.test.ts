import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { maximumArgumentBytes, validateCommand } from '../src/command.ts';
import { expectInvalidArgument } from './expect-invalid-argument.ts';

describe('validateCommand', () => {
  test.each([
    [['ls']],
    [['ls', '']],
    [['printf', 'a\nb', '$HOME', '*', '🦦', "'"]],
    [[Uint8Array.of(0x6c, 0x73), Uint8Array.of(0xff)]],
    [['cat', 'x'.repeat(maximumArgumentBytes)]],
  ])('accepts command %#', (command) => {
    expect(() => validateCommand(command)).not.toThrow();
  });

  test.each<[readonly (string | Uint8Array)[], string, RegExp]>([
    [[], 'command', /empty/],
    [['', 'a'], 'command[0]', /empty/],
    [[new Uint8Array()], 'command[0]', /empty/],
    [['ls', 'a\0'], 'command[1]', /NUL/],
    [['ls', Uint8Array.of(0)], 'command[1]', /NUL/],
    [['ls', '\ud83e'], 'command[1]', /lone surrogates/],
    [['ls', 'x'.repeat(maximumArgumentBytes + 1)], 'command[1]', /131071 bytes \(it has 131072\)/],
    [['ls', 'ü'.repeat(65_536)], 'command[1]', /131071/],
    [['ls', 1 as unknown as string], 'command[1]', /string or bytes/],
    ['ls' as unknown as string[], 'command', /list/],
  ])('refuses command %#', (command, field, rule) => {
    expectInvalidArgument(() => validateCommand(command), field, rule);
  });

  test('counts argv and environment together', () => {
    const command = ['ls', ...Array.from({ length: 12 }, () => 'x'.repeat(130_000))];
    const variables = Object.fromEntries(
      Array.from({ length: 5 }, (_, index) => [`NAME_${index}`, 'x'.repeat(120_000)]),
    );
    expect(() => validateCommand(command)).not.toThrow();
    expectInvalidArgument(() => validateCommand(command, 'command', variables), 'command', /2097152/);
  });

  test.runIf(process.platform === 'linux')('draws the line for one argument where the kernel draws it', () => {
    expect(spawnSync('true', ['x'.repeat(maximumArgumentBytes)]).status).toBe(0);
    expect(spawnSync('true', ['x'.repeat(maximumArgumentBytes + 1)]).error).toMatchObject({ code: 'E2BIG' });
  });
});
