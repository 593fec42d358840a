import type { Command, CommandOptions, ExecResult } from '@recac/engine-core';
import { type OpenSessionOptions, openSession, type Session, validateRun } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { toCommand } from '../command-line-command.ts';
import type { RunCommandOptions } from '../commands/run.ts';
import { printError, toErrorReport } from '../error-report.ts';
import { commandCutShort, reportEnd, toExecJson } from '../exec-report.ts';
import { checkStdin, executeCommand } from '../execute-command.ts';
import { exitInterrupted } from '../exit-interrupted.ts';
import { exitRecacFailed } from '../exit-status.ts';
import { type Interruption, watchInterruption } from '../interruption.ts';
import { warnWithoutIsolation } from '../isolation-warning.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter, type Reporter } from '../reporter.ts';
import { toSessionOptions } from '../session-options.ts';
import { createSessionProgress, type SessionProgress } from '../session-progress.ts';
import { checkTerminal, toTerminalSize } from '../terminal.ts';
import { describeUnfinishedSession } from '../unfinished-session.ts';
import { validateFlags } from '../validate-flags.ts';

/** `recac run`: everything is checked before anything starts, and the environment goes however it ends. */
export async function runAction(
  words: readonly string[],
  options: RunCommandOptions,
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const command = toCommand(words, options);
  validateFlags(options);
  const commandOptions = toCommandOptions(options);
  checkStdin(io, options);
  const terminal = toTerminalSize(io, options);
  const opened = await openEngine(options);
  const { engine } = opened;
  checkTerminal(engine, terminal);
  const reporter = createReporter(io, options);
  const sessionOptions = await toSessionOptions(options, { ...opened, io });
  validateRun(command, {
    ...commandOptions,
    ...(options.user === undefined ? {} : { user: options.user }),
    environmentVariables: sessionOptions.environmentVariables ?? {},
  });
  warnWithoutIsolation(reporter, engine);
  const progress = createSessionProgress(reporter);
  using interruption = watchInterruption(io, {
    describeUnfinished: () => describeUnfinishedSession(options.name ?? progress.session),
    json: options.json,
    onCause: (cause, count) =>
      reporter.note(count === 1 ? `${cause}: stopping; once more to stop at once` : 'stopping at once'),
  });
  const graceMs = opened.config.session.killGraceMs;
  const work = { command, commandOptions, terminal, graceMs };
  try {
    return await runInSession(sessionOptions, { context, options, reporter, progress, interruption, ...work });
  } catch (error) {
    return await exitInterrupted(error, interruption, { io, json: options.json });
  } finally {
    await engine.close();
  }
}

interface Run {
  readonly context: CommandContext;
  readonly options: RunCommandOptions;
  readonly reporter: Reporter;
  readonly progress: SessionProgress;
  readonly interruption: Interruption;
  readonly command: Command;
  readonly commandOptions: CommandOptions;
  readonly terminal: ReturnType<typeof toTerminalSize>;
  readonly graceMs: number;
}

function toCommandOptions(options: RunCommandOptions): CommandOptions {
  return options.workdir === undefined ? {} : { workingDirectory: options.workdir };
}

async function runInSession(sessionOptions: OpenSessionOptions, run: Run): Promise<number> {
  const { interruption, progress } = run;
  const session = await openSession({
    ...sessionOptions,
    onEvent: progress.onEvent,
    signal: interruption.graceful,
  });
  let result: ExecResult | undefined;
  try {
    result = await executeCommand({
      io: run.context.io,
      options: run.options,
      terminal: run.terminal,
      interruption,
      graceMs: run.graceMs,
      run: (runOptions) => session.run(run.command, { ...run.commandOptions, ...runOptions }),
    });
  } catch (error) {
    await stopAfter(session, error);
  }
  const cleanupError = await session[Symbol.asyncDispose]().then(
    () => undefined,
    (error: unknown) => error,
  );
  return report(run, { session, result }, cleanupError);
}

/** Stops the session and throws the first error; one of the stop itself goes into `details.cleanup`. */
async function stopAfter(session: Session, first: unknown): Promise<never> {
  try {
    await session[Symbol.asyncDispose]();
  } catch (error) {
    const { code, message } = toErrorReport(error);
    if (first instanceof Error)
      Object.assign(first, { details: { ...toErrorReport(first).details, cleanup: [{ code, message }] } });
  }
  throw first;
}

interface RunEnd {
  readonly session: Session;
  readonly result: ExecResult | undefined;
}

async function report(run: Run, { session, result }: RunEnd, cleanupError: unknown): Promise<number> {
  const { io } = run.context;
  const { progress } = run;
  if (result !== undefined) {
    reportEnd(run.reporter, result);
    if (run.options.json === true) {
      const { id, backend } = session.environment;
      const error = cleanupError === undefined ? {} : { error: toErrorReport(cleanupError) };
      await io.writeStdout(
        toJsonLine({
          session: session.name,
          environment: id,
          backend,
          strategy: session.strategy,
          ...toExecJson(result),
          ...(progress.warnings.length === 0 ? {} : { warnings: progress.warnings }),
          ...(progress.harvested === undefined ? {} : { work: progress.harvested }),
          ...error,
        }),
      );
    }
  }
  const json = result === undefined && run.options.json === true;
  if (cleanupError !== undefined || json) await printError(io, cleanupError ?? commandCutShort(session.name), { json });
  const code = run.interruption.exitCode ?? result?.exitCode ?? exitRecacFailed;
  return cleanupError !== undefined && code === 0 ? exitRecacFailed : code;
}
