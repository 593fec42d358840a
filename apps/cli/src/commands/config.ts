import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import {
  addCommonOptions,
  addEngineOptions,
  type CommonOptions,
  type EngineOptions,
} from '../options/common-options.ts';

/** Flags of `recac config init`. */
export interface ConfigInitOptions {
  /** `--backend`. */
  readonly backend?: string;
  /** `--force`. */
  readonly force?: boolean;
  /** `--json`. */
  readonly json?: boolean;
  /** `--quiet`. */
  readonly quiet?: boolean;
}

/** Defines `recac config init`, `config show` and `config schema`. */
export function defineConfig(command: Command, context: CommandContext): void {
  command.usage('<init|show|schema> [options]');
  const init = command.command('init').description('write a recac.yaml with comments into the current directory.');
  init
    .option('--backend <name>', 'backend to write into it')
    .option('--force', 'overwrite a file that is there')
    .option('--json', 'print one JSON value on stdout')
    .option('-q, --quiet', 'print nothing of recac itself but errors')
    .action(async (options: ConfigInitOptions) => {
      const { configInitAction } = await import('../actions/config-init.ts');
      context.finish(await configInitAction(options, context));
    });
  addEngineOptions(
    command.command('show').description('print every setting with its value and where that came from.'),
  ).action(async (options: EngineOptions) => {
    const { configShowAction } = await import('../actions/config-show.ts');
    context.finish(await configShowAction(options, context));
  });
  addCommonOptions(
    command.command('schema').description('print the JSON Schema of the configuration, for editors.'),
  ).action(async (options: CommonOptions) => {
    const { configSchemaAction } = await import('../actions/config-schema.ts');
    context.finish(await configSchemaAction(options, context));
  });
}
