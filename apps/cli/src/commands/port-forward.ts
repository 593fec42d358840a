import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Defines `recac port-forward [options] <name> <[local:]remote...>`. */
export function definePortForward(command: Command, context: CommandContext): void {
  command
    .usage('[options] <name> [LOCAL:]REMOTE...')
    .argument('<name>', 'name of the session')
    .argument('<ports...>', '8080 for the same port on both sides, 8080:80, or :80 for a free local port');
  addEngineOptions(command);
  command.addHelpText('after', '\nListens on 127.0.0.1 until Ctrl-C.');
  command.action(async (name: string, ports: readonly string[], options: EngineOptions) => {
    const { portForwardAction } = await import('../actions/port-forward.ts');
    context.finish(await portForwardAction(name, ports, options, context));
  });
}
