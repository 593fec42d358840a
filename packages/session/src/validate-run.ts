import {
  type Command,
  type CommandOptions,
  validateCommand,
  validateEnvironmentVariables,
  validateUser,
  validateWorkingDirectory,
} from '@recac/engine-core';

/**
 * Checks a command and its options by the rules of the contract before anything is started for it. Errors: `RECAC_INVALID_ARGUMENT`,
 * naming the field.
 */
export function validateRun(command: Command, options: CommandOptions = {}): void {
  const variables = options.environmentVariables ?? {};
  validateEnvironmentVariables(variables);
  validateCommand(command, 'command', variables);
  if (options.workingDirectory !== undefined) validateWorkingDirectory(options.workingDirectory);
  if (options.user !== undefined) validateUser(options.user);
}
