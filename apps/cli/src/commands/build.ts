import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addEngineOptions, type EngineOptions } from '../options/common-options.ts';
import { manyValues, singleValue } from '../options/single-value.ts';

/** Flags of `recac build`, spelled as docker spells them. */
export interface BuildCommandOptions extends EngineOptions {
  /** `--tag`. */
  readonly tag?: string;
  /** `--file`. */
  readonly file?: string;
  /** `--target`. */
  readonly target?: string;
  /** `--build-arg`, in order. */
  readonly buildArg?: readonly string[];
  /** `--label`, in order. */
  readonly label?: readonly string[];
  /** `--platform`. */
  readonly platform?: string;
  /** False with `--no-cache`. */
  readonly cache: boolean;
  /** `--secret`, in order. */
  readonly secret?: readonly string[];
}

/** Defines `recac build [options] <context>`. */
export function defineBuild(command: Command, context: CommandContext): void {
  command
    .argument('<context>', 'directory with the Dockerfile and what it copies')
    .addOption(singleValue('-t, --tag <reference>', 'name of the image (required)'))
    .addOption(singleValue('-f, --file <path>', 'Dockerfile (default: Dockerfile in the context)'))
    .addOption(singleValue('--target <stage>', 'stage to stop at (default: the last)'))
    .addOption(manyValues('--build-arg <argument>', 'NAME=VALUE, or NAME to copy it from here; may be repeated'))
    .addOption(manyValues('--label <label>', 'KEY=VALUE; may be repeated'))
    .addOption(singleValue('--platform <platform>', 'such as linux/arm64'))
    .option('--no-cache', 'ignore cached layers')
    .addOption(manyValues('--secret <secret>', 'id=NAME,src=FILE or id=NAME,env=VARIABLE; may be repeated'));
  addEngineOptions(command);
  command.addHelpText('after', '\nPrints the id of the image on stdout; progress goes to stderr.');
  command.action(async (directory: string, options: BuildCommandOptions) => {
    const { buildAction } = await import('../actions/build.ts');
    context.finish(await buildAction(directory, options, context));
  });
}
