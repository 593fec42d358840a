import {
  type Command,
  type CommandOptions,
  type EngineCapabilities,
  type ExecOptions,
  invalidArgument,
  type SpawnOptions,
  unsupportedCapability,
  validateCommand,
  validateDurationMs,
  validateEnvironmentVariables,
  validateUser,
  validateWorkingDirectory,
} from '@recac/engine-core';
import { checkChoice } from '../check-choice.ts';
import { checkTerminalSize } from './check-terminal-size.ts';

/** Refuses a command or options that break a rule, or ask for what the engine cannot do, before anything runs. */
export function checkCommand(
  backend: string,
  capabilities: EngineCapabilities,
  command: Command,
  options: CommandOptions & Pick<SpawnOptions, 'terminal' | 'stdin'> & Pick<ExecOptions, 'maxOutputBytes'>,
): void {
  const variables = options.environmentVariables ?? {};
  validateEnvironmentVariables(variables);
  validateCommand(command, 'command', variables);
  if (options.workingDirectory !== undefined) validateWorkingDirectory(options.workingDirectory);
  if (options.timeoutMs !== undefined) validateDurationMs(options.timeoutMs, 'timeoutMs', { minimumMs: 1 });
  if (options.idleTimeoutMs !== undefined) validateDurationMs(options.idleTimeoutMs, 'idleTimeoutMs', { minimumMs: 1 });
  if (options.killGraceMs !== undefined) validateDurationMs(options.killGraceMs, 'killGraceMs');
  checkOutputLimit(options.maxOutputBytes);
  if (options.user !== undefined) {
    if (!capabilities.execAsUser)
      throw unsupportedCapability(backend, 'execAsUser', 'Leave the user out to run as the user of the environment.');
    validateUser(options.user);
  }
  if (options.lostStdin !== undefined) checkChoice(options.lostStdin, ['hold', 'end'], 'lostStdin');
  if (options.stdin !== undefined) checkChoice(options.stdin, ['empty', 'pipe'], 'stdin');
  if (options.terminal === undefined) return;
  if (!capabilities.terminal) throw unsupportedCapability(backend, 'terminal', 'Run the command without a terminal.');
  checkTerminalSize(options.terminal, 'terminal');
}

function checkOutputLimit(limit: number | undefined): void {
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 0)) {
    throw invalidArgument('maxOutputBytes', 'must be a whole number of bytes, 0 or more', 'Leave it out for 16 MiB.');
  }
}
