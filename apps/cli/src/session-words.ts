import { type Command, CommanderError } from 'commander';

/**
 * The words after NAME of `exec NAME [options] [--] command…`: options of ours that stand before the command are taken in, the rest is the
 * command. Errors: as commander for an unknown option.
 */
export function takeWordsAfterName(command: Command, words: readonly string[]): readonly string[] {
  const { operands, unknown } = command.parseOptions([...words]);
  if (unknown.length === 0) return operands;
  throw new CommanderError(1, 'commander.unknownOption', `error: unknown option '${unknown[0]}'`);
}
