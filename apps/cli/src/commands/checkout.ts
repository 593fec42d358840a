import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addRepositoryOptions } from '../options/repository-options.ts';
import type { RepositoryOptions } from '../session-repository.ts';

/** Defines `recac checkout [options] <name>`. */
export function defineCheckout(command: Command, context: CommandContext): void {
  addRepositoryOptions(command.argument('<name>', 'name of the session, running or stopped'));
  command.action(async (name: string, options: RepositoryOptions) => {
    const { checkoutAction } = await import('../actions/take.ts');
    context.finish(await checkoutAction(name, options, context));
  });
}
