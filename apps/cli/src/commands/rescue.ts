import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';
import { singleValue } from '../options/single-value.ts';

/** Flags of `recac rescue`. */
export interface RescueOptions extends EngineOptions {
  /** `--workspace`. */
  readonly workspace?: string;
  /** `--discard`. */
  readonly discard?: boolean;
}

/** Defines `recac rescue [options] [name]`. */
export function defineRescue(command: Command, context: CommandContext): void {
  addEngineOptions(
    command
      .argument('[name]', 'session whose environment has ended, to bring its work back')
      .addOption(singleValue('--workspace <dir>', 'repository to look in (default: the current directory)'))
      .option('--discard', 'delete what is kept of the session instead'),
  );
  command.action(async (name: string | undefined, options: RescueOptions) => {
    const { rescueAction } = await import('../actions/rescue.ts');
    context.finish(await rescueAction(name, options, context));
  });
}
