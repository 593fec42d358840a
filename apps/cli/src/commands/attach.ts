import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions } from '../options/common-options.ts';
import { addRecordOptions, type RecordOptions } from '../options/record-options.ts';

/** Defines `recac attach [options] <name> [exec]`. */
export function defineAttach(command: Command, context: CommandContext): void {
  command
    .argument('<name>', 'name of the session')
    .argument('[exec]', 'exec id (default: the running command, else the last one)');
  addEngineOptions(addRecordOptions(command));
  command.addHelpText(
    'after',
    '\nReplays from the first byte, follows, and ends with the exit code of the command. Ctrl-C only detaches.',
  );
  command.action(async (name: string, exec: string | undefined, options: RecordOptions) => {
    const { attachAction } = await import('../actions/attach.ts');
    context.finish(await attachAction({ name, exec }, options, context));
  });
}
