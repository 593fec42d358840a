import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';
import { singleValue } from '../options/single-value.ts';

/** Flags of `recac cp`. */
export interface CpOptions extends EngineOptions {
  /** `--follow-link`. */
  readonly followLink?: boolean;
  /** `--user`. */
  readonly user?: string;
}

/** Defines `recac cp [options] <source> <destination>`. */
export function defineCp(command: Command, context: CommandContext): void {
  command
    .usage('[options] SRC|- NAME:DEST\n       recac cp [options] NAME:SRC DEST|-')
    .argument('<source>', 'path, NAME:PATH in a session, or "-" for a tar archive on stdin')
    .argument('<destination>', 'path, NAME:PATH in a session, or "-" for a tar archive on stdout')
    .option('-L, --follow-link', 'when the source is a link, copy what it leads to')
    .addOption(singleValue('-u, --user <user>', 'user in the session that reads or writes: name, uid or uid:gid'));
  addEngineOptions(command);
  command.addHelpText(
    'after',
    '\nAs docker cp: an existing directory gets the source inside, DIR/. means what is in it. Relative paths in the session\ncount from its workspace. A local path with a colon begins with / or ./',
  );
  command.action(async (source: string, destination: string, options: CpOptions) => {
    const { cpAction } = await import('../actions/cp.ts');
    context.finish(await cpAction({ source, destination }, options, context));
  });
}
