import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addCommonOptions, type CommonOptions } from '../options/common-options.ts';

/** Defines `recac trust [options] [file]`. */
export function defineTrust(command: Command, context: CommandContext): void {
  addCommonOptions(command.argument('[file]', 'configuration file (default: the one found from here)'));
  command.addHelpText('after', '\nA trusted file may weaken isolation, as long as its content stays the same.');
  command.action(async (file: string | undefined, options: CommonOptions) => {
    const { trustAction } = await import('../actions/trust.ts');
    context.finish(await trustAction(file, options, context));
  });
}
