import { readFile, stat } from 'node:fs/promises';
import { invalidArgument, validateEnvironmentVariables } from '@recac/engine-core';
import type { ProcessOptions } from './options/environment-options.ts';

const maximumFileBytes = 1_048_576;

/**
 * Variables from `--env-file` and `--env`, later ones winning, `--env` over all files. `NAME` alone copies the value from our own environment.
 * Errors: `RECAC_INVALID_ARGUMENT` with the flag, the file and the line; never with a value.
 */
export async function readVariables(options: ProcessOptions): Promise<Readonly<Record<string, string>>> {
  const variables: Record<string, string> = {};
  for (const file of options.envFile ?? []) {
    const lines = (await readVariableFile(file)).split(/\r?\n/);
    lines.forEach((line, index) => {
      if (line.trim() !== '' && !line.trimStart().startsWith('#'))
        addVariable(variables, line, `--env-file ${file} line ${index + 1}`);
    });
  }
  for (const variable of options.env ?? []) addVariable(variables, variable, '--env');
  validateEnvironmentVariables(variables, '--env');
  return variables;
}

function addVariable(variables: Record<string, string>, text: string, field: string): void {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  if (name === '')
    throw invalidArgument(field, 'must have a name before "="', 'Write NAME=VALUE, or NAME to copy it from here.');
  const value = equals === -1 ? process.env[name] : text.slice(equals + 1);
  if (value === undefined)
    throw invalidArgument(`${field} ${name}`, 'is not set here, so it cannot be copied', `Write ${name}=VALUE.`);
  Object.defineProperty(variables, name, { value, enumerable: true, configurable: true, writable: true });
}

async function readVariableFile(file: string): Promise<string> {
  const field = `--env-file ${file}`;
  const nextStep = 'Give a text file with one NAME=VALUE a line.';
  if (file === '-' || file === '') throw invalidArgument(field, 'must be the path of a file', nextStep);
  const information = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    throw invalidArgument(
      field,
      cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`,
      nextStep,
    );
  });
  if (!information.isFile()) throw invalidArgument(field, 'must be a regular file', nextStep);
  if (information.size > maximumFileBytes)
    throw invalidArgument(field, `must not exceed ${maximumFileBytes} bytes`, nextStep);
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw invalidArgument(field, `cannot be read (${cause.code})`, nextStep);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidArgument(field, 'must be UTF-8', nextStep);
  }
}
