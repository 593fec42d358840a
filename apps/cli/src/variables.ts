import { readFile, stat } from 'node:fs/promises';
import { invalidArgument, validateEnvironmentVariables } from '@recac/engine-core';
import type { ProcessOptions } from './options/environment-options.ts';

const maximumFileBytes = 1_048_576;

/**
 * Variables from `--env-file` and `--env`, later ones winning, `--env` over all files. `NAME` alone copies the value from our own environment.
 * Errors: `RECAC_INVALID_ARGUMENT` with the flag, the file and the line; never with a value, and of a file never with its text.
 */
export async function readVariables(options: ProcessOptions): Promise<Readonly<Record<string, string>>> {
  const variables: Record<string, string> = {};
  for (const file of options.envFile ?? []) {
    const lines = (await readVariableFile(file)).split(/\r?\n/);
    lines.forEach((line, index) => {
      if (line.trim() !== '' && !line.trimStart().startsWith('#'))
        addVariable(variables, line, { field: `--env-file ${file} line ${index + 1}`, isShown: false });
    });
  }
  for (const variable of options.env ?? []) addVariable(variables, variable, { field: '--env', isShown: true });
  validateEnvironmentVariables(variables, '--env');
  return variables;
}

/** Where a variable stands, and whether a message may show it. A line of a file without "=" may be a piece of a secret, such as of a key in PEM. */
interface VariablePlace {
  readonly field: string;
  readonly isShown: boolean;
}

function addVariable(variables: Record<string, string>, text: string, { field, isShown }: VariablePlace): void {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  if (name === '')
    throw invalidArgument(field, 'must have a name before "="', 'Write NAME=VALUE, or NAME to copy it from here.');
  const value = equals === -1 ? process.env[name] : text.slice(equals + 1);
  if (value === undefined) {
    const [place, next] = isShown ? [`${field} ${name}`, `${name}=VALUE`] : [field, 'NAME=VALUE, all in one line'];
    throw invalidArgument(place, 'has no "=" and is not set here, so it cannot be copied', `Write ${next}.`);
  }
  if (!isShown) checkHidden(name, value, field);
  Object.defineProperty(variables, name, { value, enumerable: true, configurable: true, writable: true });
}

function checkHidden(name: string, value: string, field: string): void {
  try {
    validateEnvironmentVariables({ [name]: value }, field);
  } catch {
    throw invalidArgument(field, 'holds a NUL byte or is too long', 'No program can receive it: put it into a file.');
  }
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
