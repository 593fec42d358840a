import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Flags of `recac stop`. */
export interface StopOptions extends EngineOptions {
  /** `--all`. */
  readonly all?: boolean;
  /** `--discard`. */
  readonly discard?: boolean;
}

/** Defines `recac stop [options] <name...>`. */
export function defineStop(command: Command, context: CommandContext): void {
  addEngineOptions(
    command
      .argument('[name...]', 'names of sessions')
      .option('--all', 'every session of this backend but those whose work belongs elsewhere')
      .option('--discard', 'do not bring the work back: what is not committed to a host is lost'),
  );
  command.action(async (names: readonly string[], options: StopOptions) => {
    const { stopAction } = await import('../actions/stop.ts');
    context.finish(await stopAction(names, options, context));
  });
}
