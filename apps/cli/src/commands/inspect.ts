import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Defines `recac inspect [options] <name>`. */
export function defineInspect(command: Command, context: CommandContext): void {
  addEngineOptions(command.argument('<name>', 'name of the session'));
  command.action(async (name: string, options: EngineOptions) => {
    const { inspectAction } = await import('../actions/inspect.ts');
    context.finish(await inspectAction(name, options, context));
  });
}
