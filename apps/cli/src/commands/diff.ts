import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addRepositoryOptions } from '../options/repository-options.ts';
import type { RepositoryOptions } from '../session-repository.ts';

/** Flags of `recac diff`. */
export interface DiffOptions extends RepositoryOptions {
  /** `--stat`. */
  readonly stat?: boolean;
  /** `--name-status`. */
  readonly nameStatus?: boolean;
}

/** Defines `recac diff [options] <name>`. */
export function defineDiff(command: Command, context: CommandContext): void {
  addRepositoryOptions(
    command
      .argument('<name>', 'name of the session, running or stopped')
      .option('--stat', 'only how much changed in each file')
      .option('--name-status', 'only which files changed'),
  );
  command.action(async (name: string, options: DiffOptions) => {
    const { diffAction } = await import('../actions/diff.ts');
    context.finish(await diffAction(name, options, context));
  });
}
