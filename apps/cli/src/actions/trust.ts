import { resolve } from 'node:path';
import { invalidArgument } from '@recac/engine-core';
import { findConfigFile, trustFile } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { exitOk } from '../exit-status.ts';
import { toJsonLine } from '../json-text.ts';
import type { CommonOptions } from '../options/common-options.ts';
import { createReporter } from '../reporter.ts';

/** `recac trust`: the file, or the one that counts in this directory. */
export async function trustAction(
  file: string | undefined,
  options: CommonOptions,
  { io }: CommandContext,
): Promise<number> {
  if (file !== undefined && options.config !== undefined)
    throw invalidArgument('file', 'must not be given together with --config', 'Name one file.');
  const path = file === undefined ? await findFile(options) : resolve(file);
  await trustFile(path);
  createReporter(io, options).note(`trusted ${path} as it is now; a change asks for trust again`);
  if (options.json === true) await io.writeStdout(toJsonLine({ file: path }));
  return exitOk;
}

async function findFile({ config }: CommonOptions): Promise<string> {
  const query = { workingDirectory: process.cwd(), environment: process.env };
  const found = await findConfigFile(config === undefined ? query : { ...query, configPath: config });
  if (found === undefined)
    throw invalidArgument('file', 'was not found from here', 'Write recac trust FILE, or recac config init first.');
  return found.file;
}
