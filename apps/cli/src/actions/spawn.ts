import { findSession, validateRun } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { toCommand } from '../command-line-command.ts';
import type { SpawnCommandOptions } from '../commands/spawn.ts';
import { exitOk } from '../exit-status.ts';
import { warnWithoutIsolation } from '../isolation-warning.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';
import { type ExecArguments, toCommandOptions, toTimeLimits } from './exec.ts';

/** `recac spawn`: the command goes on after this process. */
export async function spawnAction(
  given: ExecArguments,
  options: SpawnCommandOptions,
  { io }: CommandContext,
): Promise<number> {
  const command = toCommand(given.words, options);
  const commandOptions = await toCommandOptions(options);
  validateRun(command, commandOptions);
  const opened = await openEngine(options);
  await using engine = opened.engine;
  warnWithoutIsolation(createReporter(io, options), engine);
  const environment = await findSession(engine, given.name);
  const handle = await engine.spawn(environment.id, command, { ...toTimeLimits(opened.config), ...commandOptions });
  const { execId } = handle;
  await handle.detach();
  await io.writeStdout(
    options.json === true ? toJsonLine({ session: given.name, environment: environment.id, execId }) : `${execId}\n`,
  );
  return exitOk;
}
