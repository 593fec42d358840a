import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Defines `recac pull [options] <name>`. */
export function definePull(command: Command, context: CommandContext): void {
  addEngineOptions(command.argument('<name>', 'name of the session'));
  command.action(async (name: string, options: EngineOptions) => {
    const { pullAction } = await import('../actions/push.ts');
    context.finish(await pullAction(name, options, context));
  });
}
