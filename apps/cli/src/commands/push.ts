import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Flags of `recac push`. */
export interface PushOptions extends EngineOptions {
  /** `--watch`. */
  readonly watch?: boolean;
  /** `--yes`. */
  readonly yes?: boolean;
}

/** Defines `recac push [options] <name>`. */
export function definePush(command: Command, context: CommandContext): void {
  addEngineOptions(
    command
      .argument('<name>', 'name of the session')
      .option('--watch', 'keep both sides in step until Ctrl-C, or until the session ends')
      .option('-y, --yes', 'upload more than workspace.upload_limit without asking'),
  );
  command.action(async (name: string, options: PushOptions) => {
    const { pushAction } = await import('../actions/push.ts');
    context.finish(await pushAction(name, options, context));
  });
}
