import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';

/** Defines `recac images [options]`. */
export function defineImages(command: Command, context: CommandContext): void {
  addEngineOptions(command);
  command.action(async (options: EngineOptions) => {
    const { imagesAction } = await import('../actions/images.ts');
    context.finish(await imagesAction(options, context));
  });
}
