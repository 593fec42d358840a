import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Options of `recac inspect`. */
export interface InspectOptions extends EngineOptions {
  /** `--isolation`. */
  readonly isolation?: boolean;
}

/** Defines `recac inspect [options] <name>`. */
export function defineInspect(command: Command, context: CommandContext): void {
  command.argument('<name>', 'name of the session');
  addEngineOptions(command.option('--isolation', 'look from inside at what isolates it'));
  command.action(async (name: string, options: InspectOptions) => {
    const { inspectAction } = await import('../actions/inspect.ts');
    context.finish(await inspectAction(name, options, context));
  });
}
