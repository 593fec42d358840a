import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Flags of `recac list`. */
export interface ListOptions extends EngineOptions {
  /** `--names`. */
  readonly names?: boolean;
}

/** Defines `recac list [options]`. */
export function defineList(command: Command, context: CommandContext): void {
  addEngineOptions(command.option('--names', 'print the names only, one a line'));
  command.action(async (options: ListOptions) => {
    const { listAction } = await import('../actions/list.ts');
    context.finish(await listAction(options, context));
  });
}
