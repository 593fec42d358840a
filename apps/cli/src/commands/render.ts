import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addStartOptions, type StartCommandOptions } from './start.ts';

/** Defines `recac render [options]`. */
export function defineRender(command: Command, context: CommandContext): void {
  addStartOptions(command);
  command.addHelpText('after', '\nPrints YAML, or with --json a list. Contacts no cluster and creates nothing.');
  command.action(async (options: StartCommandOptions) => {
    const { renderAction } = await import('../actions/render.ts');
    context.finish(await renderAction(options, context));
  });
}
