import type { Command, CommandOptions, Config, ContainerEngine, ExecResult, TerminalSize } from '@recac/engine-core';
import { findSession, validateRun } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { toCommand } from '../command-line-command.ts';
import type { ExecCommandOptions } from '../commands/exec.ts';
import { printError } from '../error-report.ts';
import { commandCutShort, reportEnd, toExecJson } from '../exec-report.ts';
import { checkStdin, executeCommand } from '../execute-command.ts';
import { exitInterrupted } from '../exit-interrupted.ts';
import { exitRecacFailed } from '../exit-status.ts';
import { type Interruption, watchInterruption } from '../interruption.ts';
import { warnWithoutIsolation } from '../isolation-warning.ts';
import { toJsonLine } from '../json-text.ts';
import { type OpenEngine, openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';
import { checkTerminal, toTerminalSize } from '../terminal.ts';
import { validateFlags } from '../validate-flags.ts';
import { readVariables } from '../variables.ts';

/** The words of `recac exec` and `recac spawn`. */
export interface ExecArguments {
  /** Name of the session. */
  readonly name: string;
  /** Program and arguments; empty with `-c`. */
  readonly words: readonly string[];
}

/** Flags and configuration as options of a command. Errors: `RECAC_INVALID_ARGUMENT`. */
export async function toCommandOptions(options: ExecCommandOptions): Promise<CommandOptions> {
  validateFlags(options);
  return {
    environmentVariables: await readVariables(options),
    ...(options.workdir === undefined ? {} : { workingDirectory: options.workdir }),
    ...(options.user === undefined ? {} : { user: options.user }),
  };
}

/** The time limits of the configuration, flags included. */
function toTimeLimits({ session }: Config): CommandOptions {
  return {
    killGraceMs: session.killGraceMs,
    ...(session.timeoutMs === undefined ? {} : { timeoutMs: session.timeoutMs }),
    ...(session.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: session.idleTimeoutMs }),
  };
}

/** `recac exec`: the environment goes on, the command does not outlive an interruption. */
export async function execAction(
  given: ExecArguments,
  options: ExecCommandOptions,
  context: CommandContext,
): Promise<number> {
  const command = toCommand(given.words, options);
  return runInEnvironment({ name: given.name, command }, options, context);
}

/** A command, and the session that it runs in. */
export interface EnvironmentCommand {
  /** Name of the session. */
  readonly name: string;
  /** What to run. */
  readonly command: Command;
}

/** How a command differs from one of `recac exec`. */
export interface EnvironmentRun {
  /** May refuse the engine before anything runs. Default: nothing more is checked. */
  readonly check?: (engine: ContainerEngine) => void;
  /** The time limits of the configuration do not count. Default: false. */
  readonly isUnlimited?: boolean;
}

/** Runs a command in a session as `recac exec` does. */
export async function runInEnvironment(
  { name, command }: EnvironmentCommand,
  options: ExecCommandOptions,
  context: CommandContext,
  { check, isUnlimited = false }: EnvironmentRun = {},
): Promise<number> {
  const { io } = context;
  const commandOptions = await toCommandOptions(options);
  validateRun(command, commandOptions);
  checkStdin(io, options);
  const opened = await openEngine(options);
  await using engine = opened.engine;
  const terminal = toTerminalSize(io, options);
  check?.(engine);
  checkTerminal(engine, terminal);
  const reporter = createReporter(io, options);
  warnWithoutIsolation(reporter, engine);
  using interruption = watchInterruption(io, {
    describeUnfinished: () => ({
      message: `the command may still run in ${name}. See recac inspect ${name}`,
      session: name,
    }),
    json: options.json,
  });
  try {
    const run = { command, commandOptions: { ...(isUnlimited ? {} : toTimeLimits(opened.config)), ...commandOptions } };
    const result = await execute(name, run, { opened, options, context, interruption, terminal });
    if (result !== undefined) reportEnd(reporter, result);
    if (options.json === true) {
      if (result === undefined) await printError(io, commandCutShort(name), { json: true });
      else await io.writeStdout(toJsonLine({ session: name, ...toExecJson(result) }));
    }
    return interruption.exitCode ?? result?.exitCode ?? exitRecacFailed;
  } catch (error) {
    return await exitInterrupted(error, interruption, { io, json: options.json });
  }
}

interface ExecParts {
  readonly opened: OpenEngine;
  readonly options: ExecCommandOptions;
  readonly context: CommandContext;
  readonly interruption: Interruption;
  readonly terminal: TerminalSize | undefined;
}

async function execute(
  name: string,
  { command, commandOptions }: { readonly command: Command; readonly commandOptions: CommandOptions },
  { opened, options, context, interruption, terminal }: ExecParts,
): Promise<ExecResult | undefined> {
  const { engine } = opened;
  const environment = await findSession(engine, name, { signal: interruption.graceful });
  return executeCommand({
    io: context.io,
    options,
    terminal,
    interruption,
    graceMs: opened.config.session.killGraceMs,
    run: (runOptions) => engine.exec(environment.id, command, { ...commandOptions, ...runOptions }),
  });
}
