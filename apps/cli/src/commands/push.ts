import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Defines `recac push [options] <name>`. */
export function definePush(command: Command, context: CommandContext): void {
  addEngineOptions(command.argument('<name>', 'name of the session'));
  command.action(async (name: string, options: EngineOptions) => {
    const { pushAction } = await import('../actions/push.ts');
    context.finish(await pushAction(name, options, context));
  });
}
