import { CommanderError } from 'commander';
import { createLightError } from './light-error.ts';

/** True when commander has shown help, which is no error. */
export function isHelpShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** The command line that was given. */
export interface UsageParts {
  /** Its words. */
  readonly argv: readonly string[];
  /** Name of the command that it calls, where there is one. */
  readonly called: string | undefined;
}

/** Commander shows its help where it knows no way on. */
function describeWantedHelp({ argv: [first, wanted], called }: UsageParts): string {
  const isUnknown = first === 'help' && wanted !== undefined && called === undefined;
  return isUnknown ? `unknown command '${wanted}'` : 'a command is missing';
}

/** Commander's complaint as an error of ours; anything else unchanged. */
export function toUsageError(error: unknown, parts: UsageParts): unknown {
  if (!(error instanceof CommanderError)) return error;
  const help = parts.called === undefined ? 'recac --help' : `recac ${parts.called} --help`;
  const problem =
    error.code === 'commander.help'
      ? describeWantedHelp(parts)
      : error.message.replace(/^error: /, '').replace(/\.?\n\(Did/, ' (did');
  const message = `${problem.replace(/[.]$/, '')}. See ${help}.`;
  return createLightError('RECAC_INVALID_ARGUMENT', message, { rule: error.code });
}
