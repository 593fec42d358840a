import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addCommonOptions, type CommonOptions } from '../options/common-options.ts';
import { singleValue } from '../options/single-value.ts';

/** Flags of `recac rescue`. */
export interface RescueOptions extends CommonOptions {
  /** `--workspace`. */
  readonly workspace?: string;
}

/** Defines `recac rescue [options]`. */
export function defineRescue(command: Command, context: CommandContext): void {
  addCommonOptions(
    command.addOption(singleValue('--workspace <dir>', 'repository to look in (default: the current directory)')),
  );
  command.action(async (options: RescueOptions) => {
    const { rescueAction } = await import('../actions/rescue.ts');
    context.finish(await rescueAction(options, context));
  });
}
