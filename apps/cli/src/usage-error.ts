import { CommanderError } from 'commander';
import { createLightError } from './light-error.ts';

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
  const message = `${problem.replace(/[.]$/, '')}. See ${help}.`;
  return createLightError('RECAC_INVALID_ARGUMENT', message, { rule: error.code });
}
