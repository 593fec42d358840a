import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import {
  addEngineOptions,
  addOutputOptions,
  type EngineOptions,
  type OutputOptions,
} from '../options/common-options.ts';

/** Flags of `recac config init`. */
export interface ConfigInitOptions extends OutputOptions {
  /** `--backend`. */
  readonly backend?: string;
  /** `--force`. */
  readonly force?: boolean;
}

/** Defines `recac config init`, `config show` and `config schema`. */
export function defineConfig(command: Command, context: CommandContext): void {
  command.usage('<init|show|schema> [options]');
  const init = command.command('init').description('write a recac.yaml with comments into the current directory.');
  addOutputOptions(
    init.option('--backend <name>', 'backend to write into it').option('--force', 'overwrite a file that is there'),
  ).action(async (options: ConfigInitOptions) => {
    const { configInitAction } = await import('../actions/config-init.ts');
    context.finish(await configInitAction(options, context));
  });
  addEngineOptions(
    command.command('show').description('print every setting with its value and where that came from.'),
  ).action(async (options: EngineOptions) => {
    const { configShowAction } = await import('../actions/config-show.ts');
    context.finish(await configShowAction(options, context));
  });
  addOutputOptions(
    command.command('schema').description('print the JSON Schema of the configuration, for editors.'),
  ).action(async () => {
    const { configSchemaAction } = await import('../actions/config-schema.ts');
    context.finish(await configSchemaAction(context));
  });
}
