import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions } from '../options/common-options.ts';
import { addEnvironmentOptions, addProcessOptions } from '../options/environment-options.ts';
import type { StartCommandOptions } from './start.ts';

/** Defines `recac render [options]`. */
export function defineRender(command: Command, context: CommandContext): void {
  addEngineOptions(addProcessOptions(addEnvironmentOptions(command.usage('[options]'))));
  command.addHelpText('after', '\nPrints YAML, or with --json a list. Contacts no cluster and creates nothing.');
  command.action(async (options: StartCommandOptions) => {
    const { renderAction } = await import('../actions/render.ts');
    context.finish(await renderAction(options, context));
  });
}
