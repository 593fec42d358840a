import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions } from '../options/common-options.ts';
import { addRecordOptions, type RecordOptions } from '../options/record-options.ts';

/** Flags of `recac logs`. */
export interface LogsOptions extends RecordOptions {
  /** `--follow`. */
  readonly follow?: boolean;
}

/** Defines `recac logs [options] <name> [exec]`. */
export function defineLogs(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name of the session')
    .argument('[exec]', 'exec id (default: the running command, else the last one)');
  addEngineOptions(addRecordOptions(command.option('-f, --follow', 'go on until the command has ended')));
  command.action(async (name: string, exec: string | undefined, options: LogsOptions) => {
    const { logsAction } = await import('../actions/logs.ts');
    context.finish(await logsAction({ name, exec }, options, context));
  });
}
