import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';
import {
  addEnvironmentOptions,
  addProcessOptions,
  type EnvironmentOptions,
  type ProcessOptions,
} from '../options/environment-options.ts';
import { addExecutionOptions, addTerminalOptions, type ExecutionOptions } from '../options/execution-options.ts';

/** Flags of `recac run`. */
export type RunCommandOptions = EngineOptions & EnvironmentOptions & ProcessOptions & ExecutionOptions;

/** Defines `recac run [options] [--] <command...>`. */
export function defineRun(command: Command, context: CommandContext): void {
  command
    .usage('[options] [--] <command...>')
    .argument('[command...]', 'program and arguments; options after it are its own')
    .passThroughOptions();
  addEngineOptions(addTerminalOptions(addExecutionOptions(addProcessOptions(addEnvironmentOptions(command)))));
  command.addHelpText(
    'after',
    '\nExit code: that of the command; 124 time limit, 125 recac failed, 126 cannot be run, 127 not found, 128+n signal, 130 interrupted.',
  );
  command.action(async (words: readonly string[], options: RunCommandOptions) => {
    const { runAction } = await import('../actions/run.ts');
    context.finish(await runAction(words, options, context));
  });
}
