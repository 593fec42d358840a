import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addRepositoryOptions } from '../options/repository-options.ts';
import type { RepositoryOptions } from '../session-repository.ts';

/** Defines `recac apply [options] <name>`. */
export function defineApply(command: Command, context: CommandContext): void {
  addRepositoryOptions(command.argument('<name>', 'name of the session, running or stopped'));
  command.action(async (name: string, options: RepositoryOptions) => {
    const { applyAction } = await import('../actions/take.ts');
    context.finish(await applyAction(name, options, context));
  });
}
