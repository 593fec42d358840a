import { findTextProblem, toByteLength } from './process-text.ts';
import { invalidArgument } from './recac-error.ts';

/** Longest `NAME=value` in bytes: Linux refuses a program's environment string of 131 072 bytes with its end mark. */
const maximumEnvironmentVariableBytes = 131_071;

/** Most bytes of all `NAME=value` together. */
const maximumEnvironmentVariablesBytes = 1_048_576;

/** Names to values; a value may be raw bytes. */
export type EnvironmentVariables = Readonly<Record<string, string | Uint8Array>>;

/**
 * Checks variables for a command or an environment. A name may be anything a process can receive: not empty, no `=`, no NUL, well-formed
 * Unicode; dots, spaces, a leading digit or `BASH_FUNC_x%%` pass. No name is special: `PATH`, `LD_PRELOAD`,
 * `NODE_OPTIONS`, `HTTP_PROXY` act on the command alone, never on recac. Values are kept as they are: `$(HOME)` and line ends are not
 * expanded. Errors: `RECAC_INVALID_ARGUMENT` with the field `<field>.<name>`; the message never holds a value.
 */
export function validateEnvironmentVariables(variables: EnvironmentVariables, field = 'environmentVariables'): void {
  for (const [name, value] of Object.entries(variables)) {
    validateName(name, field);
    validateValue(name, value, field);
  }
  const total = countEnvironmentBytes(variables);
  if (total > maximumEnvironmentVariablesBytes) {
    const rule = `must not exceed ${maximumEnvironmentVariablesBytes} bytes together (they have ${total})`;
    throw invalidArgument(field, rule, 'Put large data into a file of the workspace or send it over stdin.');
  }
}

/** Bytes of all `NAME=value` with their end marks. */
export function countEnvironmentBytes(variables: EnvironmentVariables): number {
  let total = 0;
  for (const [name, value] of Object.entries(variables)) total += toByteLength(name) + toByteLength(value) + 2;
  return total;
}

function validateName(name: string, field: string): void {
  const nextStep = 'Use a name such as API_URL.';
  if (name === '') throw invalidArgument(field, 'must not hold an empty name', nextStep);
  if (name.includes('=')) throw invalidArgument(`${field}.${name}`, 'must not have "=" in its name', nextStep);
  const problem = findTextProblem(name);
  if (problem !== undefined)
    throw invalidArgument(field, `has the name ${JSON.stringify(name)} which ${problem}`, nextStep);
}

function validateValue(name: string, value: string | Uint8Array, field: string): void {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw invalidArgument(
      `${field}.${name}`,
      'must be a string or bytes',
      'Convert the value, for example with String(value).',
    );
  }
  const problem = findTextProblem(value);
  if (problem !== undefined)
    throw invalidArgument(
      `${field}.${name}`,
      problem,
      'No program can receive such a value; encode it, for example as base64.',
    );
  const bytes = toByteLength(name) + 1 + toByteLength(value);
  if (bytes > maximumEnvironmentVariableBytes) {
    const rule = `must not exceed ${maximumEnvironmentVariableBytes} bytes with its name (it has ${bytes})`;
    throw invalidArgument(
      `${field}.${name}`,
      rule,
      'Put large data into a file of the workspace or send it over stdin.',
    );
  }
}
