import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';
import { addProcessOptions, type ProcessOptions } from '../options/environment-options.ts';
import { singleValue } from '../options/single-value.ts';

/** Flags of `recac shell`. */
export interface ShellOptions extends EngineOptions, ProcessOptions {
  /** `--workdir`. */
  readonly workdir?: string;
}

/** Defines `recac shell [options] <name>`. */
export function defineShell(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name of the session')
    .addOption(singleValue('-w, --workdir <dir>', 'absolute working directory inside (default: the workspace)'));
  addEngineOptions(addProcessOptions(command));
  command.addHelpText(
    'after',
    '\nbash where there is one, else sh. Without a terminal on stdin the shell reads its script from there.\nExit code: that of the shell.',
  );
  command.action(async (name: string, options: ShellOptions) => {
    const { shellAction } = await import('../actions/shell.ts');
    context.finish(await shellAction(name, options, context));
  });
}
