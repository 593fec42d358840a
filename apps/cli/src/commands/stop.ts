import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Flags of `recac stop`. */
export interface StopOptions extends EngineOptions {
  /** `--all`. */
  readonly all?: boolean;
}

/** Defines `recac stop [options] <name...>`. */
export function defineStop(command: Command, context: CommandContext): void {
  addEngineOptions(command.argument('[name...]', 'names of sessions').option('--all', 'every session of this backend'));
  command.action(async (names: readonly string[], options: StopOptions) => {
    const { stopAction } = await import('../actions/stop.ts');
    context.finish(await stopAction(names, options, context));
  });
}
