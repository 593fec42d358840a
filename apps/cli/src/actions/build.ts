import { relative, resolve } from 'node:path';
import { type BuildOptions, invalidArgument, parseImageReference, validatePlatform } from '@recac/engine-core';
import { parseBuildSecrets } from '../build-secret.ts';
import type { CommandContext } from '../command-context.ts';
import type { BuildCommandOptions } from '../commands/build.ts';
import { exitInterrupted } from '../exit-interrupted.ts';
import { exitOk } from '../exit-status.ts';
import { watchInterruption } from '../interruption.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';

/** `recac build`: progress line by line on stderr, the id of the image on stdout. */
export async function buildAction(
  directory: string,
  options: BuildCommandOptions,
  { io }: CommandContext,
): Promise<number> {
  const build = toBuildOptions(directory, options);
  await using engine = (await openEngine(options)).engine;
  const reporter = createReporter(io, options);
  using interruption = watchInterruption(io, { json: options.json });
  try {
    const id = await engine.buildImage({
      ...build,
      signal: interruption.graceful,
      onProgress: (line) => reporter.note(line),
    });
    await io.writeStdout(options.json === true ? toJsonLine({ id, tag: build.tag }) : `${id}\n`);
    return exitOk;
  } catch (error) {
    return await exitInterrupted(error, interruption, { io, json: options.json });
  }
}

/** Flags as options of a build. Errors: `RECAC_INVALID_ARGUMENT` naming the flag. */
function toBuildOptions(directory: string, options: BuildCommandOptions): BuildOptions {
  const { tag, file, target, platform } = options;
  if (tag === undefined) throw invalidArgument('--tag', 'is missing', 'Name the image, such as: --tag agent:1');
  parseImageReference(tag, '--tag');
  if (platform !== undefined) validatePlatform(platform, '--platform');
  const context = resolve(directory);
  return {
    context,
    tag,
    noCache: !options.cache,
    buildArguments: toPairs('--build-arg', options.buildArg, (name) => process.env[name]),
    labels: toPairs('--label', options.label, () => ''),
    ...(file === undefined ? {} : { dockerfile: relative(context, resolve(file)) }),
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
    ...(options.secret === undefined ? {} : { secrets: parseBuildSecrets(options.secret) }),
  };
}

function toPairs(
  flag: string,
  values: readonly string[] = [],
  findValue: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  const pairs = values.flatMap((text): (readonly [string, string])[] => {
    const equals = text.indexOf('=');
    const name = equals === -1 ? text : text.slice(0, equals);
    if (name === '') throw invalidArgument(flag, 'must have a name before "="', 'Write NAME=VALUE.');
    const value = equals === -1 ? findValue(name) : text.slice(equals + 1);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(pairs);
}
