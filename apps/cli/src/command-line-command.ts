import { type Command, invalidArgument } from '@recac/engine-core';
import { toShellCommand } from '@recac/session';
import type { ExecutionOptions } from './options/execution-options.ts';
import { toRawArguments } from './raw-arguments.ts';

/** The command to run: the words after the options, or the script of `-c`. Errors: `RECAC_INVALID_ARGUMENT` when both or none are given. */
export function toCommand(words: readonly string[], options: Pick<ExecutionOptions, 'c'>): Command {
  if (options.c !== undefined) {
    if (words.length > 0) throw invalidArgument('command', 'must not be given together with -c', 'Use one of the two.');
    return toShellCommand(options.c);
  }
  if (words.length === 0)
    throw invalidArgument('command', 'is missing', 'Write it after the options, such as: -- npm test');
  return toRawArguments(words);
}
