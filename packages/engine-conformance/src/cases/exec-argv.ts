import assert from 'node:assert/strict';
import type { ExecResult } from '@recac/engine-core';
import { assertBytes, assertExited } from '../assert-outcome.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { ConformanceContext } from '../conformance-context.ts';
import { expectInvalid } from '../expect-rejection.ts';
import { shell } from '../shell-command.ts';
import { existsInside } from '../ticking.ts';

/** Largest argument of Linux, in bytes. */
const longestArgument = 131_071;

async function runPrintf(context: ConformanceContext, sent: readonly (string | Uint8Array)[]): Promise<ExecResult> {
  const { id } = await context.start();
  const result = await context.engine.exec(id, ['printf', '%s\\0', ...sent]);
  assertExited(result);
  return result;
}

async function assertRoundTrip(context: ConformanceContext, sent: readonly (string | Uint8Array)[]): Promise<void> {
  const { stdoutData } = await runPrintf(context, sent);
  const expected = sent.flatMap((argument) => [Buffer.from(argument), Buffer.of(0)]);
  assertBytes(stdoutData, Buffer.concat(expected), 'the arguments as the command printed them');
}

/** Cases of group `exec` about the argument vector. */
export const execArgvCases: readonly ConformanceCase[] = [
  {
    id: 'exec/argv-spaces',
    contract: 'Arguments with spaces and tabs arrive as one argument each.',
    run: (context) => assertRoundTrip(context, ['a b', ' lead', 'trail ', '\ttab\t', '  ', 'c']),
  },
  {
    id: 'exec/argv-quoting',
    contract: 'Quotes and backslashes in arguments arrive as they are.',
    run: (context) =>
      assertRoundTrip(context, ["it's", '"double"', "'", '"', '\\', '\\\\', "\\'", '\\n', "'\\''", '`', "$'x'"]),
  },
  {
    id: 'exec/argv-newlines',
    contract: 'Newlines and carriage returns in arguments arrive as they are.',
    run: (context) => assertRoundTrip(context, ['a\nb', '\n', '\n\n', 'end\n', '\r\n', "'\n'", 'EOF\nEOF\n']),
  },
  {
    id: 'exec/argv-no-expansion',
    contract: 'No shell and no backend expands variables, globs, tildes, operators or substitutions in arguments.',
    run: (context) =>
      assertRoundTrip(context, [
        '$HOME',
        '$' + '{PATH}',
        '$(echo x)',
        '`echo x`',
        '$(PATH)',
        '$$(PATH)',
        '$$',
        '*',
        '/*',
        '?',
        '[a-z]',
        '~',
        '{a,b}',
        ';',
        '&',
        '|',
        '>x',
        '<x',
        '#c',
        '!1',
        '%s',
      ]),
  },
  {
    id: 'exec/argv-empty',
    contract: 'Empty arguments are kept.',
    run: (context) => assertRoundTrip(context, ['', 'a', '', '', 'b', '']),
  },
  {
    id: 'exec/argv-unicode',
    contract: 'Strings are sent as UTF-8.',
    run: (context) => assertRoundTrip(context, ['é', 'e\u0301', '日本語', '🦊', '\u202e', '\ufeff', '\u0085']),
  },
  {
    id: 'exec/argv-bytes',
    contract: 'Byte arrays arrive as they are, every byte from 1 to 255, valid UTF-8 or not.',
    requires: ['durableExec'],
    async run(context) {
      const all = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
      await assertRoundTrip(context, [
        all,
        Uint8Array.from(all).reverse(),
        Uint8Array.of(0xff),
        Uint8Array.of(0xc3),
        'text',
        Uint8Array.of(0xe2, 0x82),
      ]);
    },
  },
  {
    id: 'exec/argv-leading-dash',
    contract: 'Arguments that look like options are arguments of the command.',
    run: (context) => assertRoundTrip(context, ['-n', '--', '-', '--help', '-c', '--version', '-e']),
  },
  {
    id: 'exec/argv-many',
    contract: 'Thousands of arguments arrive in order.',
    run: (context) =>
      assertRoundTrip(
        context,
        Array.from({ length: 5_000 }, (_, index) => `argument ${index}`),
      ),
  },
  {
    id: 'exec/argv-megabyte',
    contract: 'A megabyte of arguments arrives exactly, each as long as the kernel allows.',
    async run(context) {
      const sent = Array.from({ length: 8 }, (_, row) =>
        Uint8Array.from({ length: longestArgument }, (_, index) => ((index * 7 + row) % 126) + 1),
      );
      await assertRoundTrip(context, sent);
    },
  },
  {
    id: 'exec/argv-long-script',
    contract: 'A script of 128 KiB less a byte runs.',
    async run(context) {
      const { id } = await context.start();
      const tail = '\necho end';
      const script = `: ${'x'.repeat(longestArgument - tail.length - 2)}${tail}`;
      const result = await context.engine.exec(id, ['sh', '-c', script]);
      assertExited(result);
      assert.equal(result.stdout, 'end\n');
    },
  },
  {
    id: 'exec/argv-too-long',
    contract: 'An argument of 131 072 bytes is refused before anything runs.',
    async run(context) {
      const { id } = await context.start();
      const long = 'x'.repeat(longestArgument + 1);
      await expectInvalid(context.engine.exec(id, shell('touch ran', long)), 'a long string');
      await expectInvalid(context.engine.exec(id, shell('touch ran', Buffer.from(long))), 'a long byte array');
      await expectInvalid(
        context.engine.exec(id, shell('touch ran', 'é'.repeat(65_536))),
        'a string long in bytes only',
      );
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
  {
    id: 'exec/argv-total-too-long',
    contract: 'Arguments of more than 2 MiB together are refused before anything runs.',
    async run(context) {
      const { id } = await context.start();
      const many = Array.from({ length: 20 }, () => 'x'.repeat(120_000));
      await expectInvalid(context.engine.exec(id, shell('touch ran', ...many)), '2.4 MB of arguments');
      assert.equal(await existsInside(context.engine, id, 'ran'), false, 'nothing ran');
    },
  },
];
