import { countEnvironmentBytes, type EnvironmentVariables } from './environment-variables.ts';
import type { Command } from './exec.ts';
import { findTextProblem, toByteLength } from './process-text.ts';
import { invalidArgument } from './recac-error.ts';

/** Longest argument in bytes: Linux' MAX_ARG_STRLEN without its end mark. */
export const maximumArgumentBytes = 131_071;

/** Most bytes of argv and environment together, with the pointers that the kernel counts too: a quarter of the usual stack of 8 MiB. */
const maximumCommandBytes = 2_097_152;

const pointerBytes = 8;

/**
 * Checks a command against the rules of `Command`: at least a program, no NUL, well-formed Unicode, no argument above 131 071 bytes, and no
 * more than 2 MiB together with `environmentVariables`. Errors: `RECAC_INVALID_ARGUMENT` with the field `<field>` or `<field>[<index>]`.
 */
export function validateCommand(
  command: Command,
  field = 'command',
  environmentVariables: EnvironmentVariables = {},
): void {
  if (!Array.isArray(command))
    throw invalidArgument(
      field,
      'must be a list of arguments',
      'Pass the program and its arguments, such as ["ls", "-l"].',
    );
  if (command.length === 0)
    throw invalidArgument(field, 'must not be empty', 'Name a program to run, such as ["ls", "-l"].');
  command.forEach((argument, index) => {
    validateArgument(argument, `${field}[${index}]`);
  });
  if (command[0]?.length === 0)
    throw invalidArgument(`${field}[0]`, 'must not be empty', 'Name a program to run, such as "ls".');
  const total = countCommandBytes(command, environmentVariables);
  if (total > maximumCommandBytes) {
    const rule = `must not exceed ${maximumCommandBytes} bytes together with its environment (it has ${total})`;
    throw invalidArgument(field, rule, 'Send large input over stdin.');
  }
}

function validateArgument(argument: string | Uint8Array, field: string): void {
  if (typeof argument !== 'string' && !(argument instanceof Uint8Array)) {
    throw invalidArgument(field, 'must be a string or bytes', 'Convert it, for example with String(value).');
  }
  const problem = findTextProblem(argument);
  if (problem !== undefined)
    throw invalidArgument(field, problem, 'No program can receive such an argument; send it over stdin.');
  const bytes = toByteLength(argument);
  if (bytes > maximumArgumentBytes) {
    throw invalidArgument(
      field,
      `must not exceed ${maximumArgumentBytes} bytes (it has ${bytes})`,
      'Send large input over stdin or as a file of the workspace.',
    );
  }
}

function countCommandBytes(command: Command, environmentVariables: EnvironmentVariables): number {
  const variables = Object.keys(environmentVariables).length;
  const argumentBytes = command.reduce((total: number, argument) => total + toByteLength(argument) + 1, 0);
  return argumentBytes + countEnvironmentBytes(environmentVariables) + (command.length + variables) * pointerBytes;
}
