import { invalidArgument } from '@recac/engine-core';
import { findSession, validateRun } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { toCommand } from '../command-line-command.ts';
import type { SpawnCommandOptions } from '../commands/spawn.ts';
import { exitOk } from '../exit-status.ts';
import { warnWithoutIsolation } from '../isolation-warning.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';
import { type ExecArguments, toCommandOptions } from './exec.ts';

/** `recac spawn`: the command goes on after this process. */
export async function spawnAction(
  given: ExecArguments,
  options: SpawnCommandOptions,
  { io }: CommandContext,
): Promise<number> {
  refuseLimits(options);
  const command = toCommand(given.words, options);
  const commandOptions = await toCommandOptions(options);
  validateRun(command, commandOptions);
  const opened = await openEngine(options);
  await using engine = opened.engine;
  warnWithoutIsolation(createReporter(io, options), engine);
  const environment = await findSession(engine, given.name);
  const handle = await engine.spawn(environment.id, command, commandOptions);
  const { execId } = handle;
  await handle.detach();
  await io.writeStdout(
    options.json === true ? toJsonLine({ session: given.name, environment: environment.id, execId }) : `${execId}\n`,
  );
  return exitOk;
}

/** Limits are kept by the client of a command, and this one leaves it. */
function refuseLimits({ timeout, idleTimeout, killGrace }: SpawnCommandOptions): void {
  const flags = { '--timeout': timeout, '--idle-timeout': idleTimeout, '--kill-grace': killGrace };
  for (const [flag, value] of Object.entries(flags))
    if (value !== undefined)
      throw invalidArgument(
        flag,
        'cannot be kept for a command that is left running',
        'Use recac exec, or timeout(1) in the command.',
      );
}
