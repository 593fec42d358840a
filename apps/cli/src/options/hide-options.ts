import type { Command } from 'commander';

/** Leaves options out of help and completion, by their long names: those that a command knows only to refuse them with a reason. */
export function hideOptions(command: Command, names: readonly string[]): Command {
  for (const option of command.options) if (option.long !== undefined && names.includes(option.long)) option.hideHelp();
  return command;
}
