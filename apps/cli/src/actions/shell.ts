import { type ContainerEngine, unsupportedCapability } from '@recac/engine-core';
import { toLoginShellCommand } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { ShellOptions } from '../commands/shell.ts';
import { runInEnvironment } from './exec.ts';

/** `recac shell`: with a terminal when our stdin is one, else like `recac exec -i` with a shell. A person has no time limit. */
export function shellAction(name: string, options: ShellOptions, context: CommandContext): Promise<number> {
  const tty = context.io.isTerminal('stdin');
  const check = ({ backend, capabilities }: ContainerEngine): void => {
    if (tty && !capabilities.terminal)
      throw unsupportedCapability(backend, 'terminal', 'Write commands instead: recac exec NAME -- COMMAND.');
  };
  const command = toLoginShellCommand();
  return runInEnvironment({ name, command }, { ...options, interactive: true, tty }, context, {
    check,
    isUnlimited: true,
  });
}
