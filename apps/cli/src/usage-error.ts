import { CommanderError } from 'commander';

/** A usage error in the shape that errors of ours have, without loading the core package. */
export interface UsageError extends Error {
  /** Always this one. */
  readonly code: 'RECAC_INVALID_ARGUMENT';
  /** The rule that was broken, as commander names it. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** True when commander has shown help, which is no error. */
export function isHelpShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** Commander's complaint as an error of ours; anything else unchanged. */
export function toUsageError(error: unknown, commandName: string | undefined): unknown {
  if (!(error instanceof CommanderError)) return error;
  const help = commandName === undefined ? 'recac --help' : `recac ${commandName} --help`;
  const isMissingCommand = error.code === 'commander.help';
  const problem = isMissingCommand
    ? 'a command is missing'
    : error.message.replace(/^error: /, '').replace(/\.?\n\(Did/, ' (did');
  const usage = new Error(`${problem.replace(/[.]$/, '')}. See ${help}.`);
  return Object.assign(usage, {
    code: 'RECAC_INVALID_ARGUMENT',
    details: { rule: error.code },
    [Symbol.for('recac.error')]: true,
  }) as UsageError;
}
