import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';
import {
  addEnvironmentOptions,
  addProcessOptions,
  type EnvironmentOptions,
  type ProcessOptions,
} from '../options/environment-options.ts';
import { hideOptions } from '../options/hide-options.ts';

/** Flags of `recac start`. */
export type StartCommandOptions = EngineOptions & EnvironmentOptions & ProcessOptions;

/** Adds the options of `recac start`, which are those of `recac render` as well. */
export function addStartOptions(command: Command): void {
  addEngineOptions(addProcessOptions(addEnvironmentOptions(command.usage('[options]'))));
  hideOptions(command, ['--checkpoint']);
}

/** Defines `recac start [options]`. */
export function defineStart(command: Command, context: CommandContext): void {
  addStartOptions(command);
  command.addHelpText('after', '\nPrints the name of the session on stdout. Remove it with: recac stop NAME');
  command.action(async (options: StartCommandOptions) => {
    const { startAction } = await import('../actions/start.ts');
    context.finish(await startAction(options, context));
  });
}
