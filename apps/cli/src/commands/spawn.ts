import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';
import { addProcessOptions, type ProcessOptions } from '../options/environment-options.ts';
import { addExecutionOptions, type ExecutionOptions } from '../options/execution-options.ts';
import { hideOptions } from '../options/hide-options.ts';
import { takeWordsAfterName } from '../session-words.ts';

/** Flags of `recac spawn`. */
export type SpawnCommandOptions = EngineOptions & ProcessOptions & ExecutionOptions;

/** What is left running has no limit. */
const limits = ['--timeout', '--idle-timeout', '--kill-grace'];

/** Defines `recac spawn [options] <name> [options] [--] <command...>`. */
export function defineSpawn(command: Command, context: CommandContext): void {
  command
    .usage('[options] <name> [--] <command...>')
    .argument('<name>', 'name of the session')
    .argument('[command...]', 'program and arguments; options after it are its own')
    .passThroughOptions();
  hideOptions(addEngineOptions(addExecutionOptions(addProcessOptions(command))), limits);
  command.addHelpText(
    'after',
    '\nThe command has no time limit. Prints the exec id on stdout. Follow the command with: recac attach NAME EXEC',
  );
  command.action(async (name: string, rest: readonly string[]) => {
    const words = takeWordsAfterName(command, rest);
    const { spawnAction } = await import('../actions/spawn.ts');
    context.finish(await spawnAction({ name, words }, command.opts<SpawnCommandOptions>(), context));
  });
}
