import type { Command } from 'commander';
import { addEngineOptions } from './common-options.ts';
import { singleValue } from './single-value.ts';

/** Adds the engine's options and `--workspace`, for commands on what a session brought back. */
export function addRepositoryOptions(command: Command): Command {
  return addEngineOptions(
    command.addOption(
      singleValue(
        '--workspace <dir>',
        'repository that the work belongs to (default: that of the session, or the current one)',
      ),
    ),
  );
}
