import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';
import { addProcessOptions, type ProcessOptions } from '../options/environment-options.ts';
import { addExecutionOptions, addTerminalOptions, type ExecutionOptions } from '../options/execution-options.ts';
import { takeWordsAfterName } from '../session-words.ts';

/** Flags of `recac exec`. */
export type ExecCommandOptions = EngineOptions & ProcessOptions & ExecutionOptions;

/** Defines `recac exec [options] <name> [options] [--] <command...>`. */
export function defineExec(command: Command, context: CommandContext): void {
  command
    .usage('[options] <name> [--] <command...>')
    .argument('<name>', 'name of the session')
    .argument('[command...]', 'program and arguments; options after it are its own')
    .passThroughOptions();
  addEngineOptions(addTerminalOptions(addExecutionOptions(addProcessOptions(command))));
  command.action(async (name: string, rest: readonly string[]) => {
    const words = takeWordsAfterName(command, rest);
    const { execAction } = await import('../actions/exec.ts');
    context.finish(await execAction({ name, words }, command.opts<ExecCommandOptions>(), context));
  });
}
