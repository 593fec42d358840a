import { type Config, type ContainerEngine, invalidArgument, type TransferReport } from '@recac/engine-core';
import { findWorkspace, type SessionWorkspace } from '@recac/session';
import { keepInStep } from '@recac/workspace-sync';
import type { CommandContext } from '../command-context.ts';
import type { PushOptions } from '../commands/push.ts';
import { toErrorReport } from '../error-report.ts';
import { exitInterrupted } from '../exit-interrupted.ts';
import { exitFailed, exitOk } from '../exit-status.ts';
import { reportTransfer } from '../harvest-report.ts';
import { type Interruption, watchInterruption } from '../interruption.ts';
import type { Io } from '../io.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import type { EngineOptions } from '../options/common-options.ts';
import { createReporter, type Reporter } from '../reporter.ts';
import { toConfirmation } from '../session-options.ts';

/** `recac push`: what changed on this machine goes into the session. */
export function pushAction(name: string, options: PushOptions, context: CommandContext): Promise<number> {
  const push = ({ strategy, environment }: SessionWorkspace, signal: AbortSignal): Promise<TransferReport> =>
    strategy.push(environment, { signal });
  return transfer({ name, verb: 'sent', move: push, watch: options.watch === true }, options, context);
}

/** `recac pull`: what changed in the session comes to this machine: with git below refs/recac, else into the directory. */
export function pullAction(name: string, options: EngineOptions, context: CommandContext): Promise<number> {
  const pull = ({ strategy, environment }: SessionWorkspace, signal: AbortSignal): Promise<TransferReport> =>
    strategy.pull(environment, { signal });
  return transfer({ name, verb: 'brought back', move: pull }, options, context);
}

interface Transfer {
  readonly name: string;
  readonly verb: string;
  readonly watch?: boolean;
  readonly move: (workspace: SessionWorkspace, signal: AbortSignal) => Promise<TransferReport>;
}

/** A file that both sides changed is no success: the exit code says so, as that of git merge does. */
async function transfer(given: Transfer, options: PushOptions, { io }: CommandContext): Promise<number> {
  const { engine: opened, config } = await openEngine(options);
  await using engine = opened;
  using interruption = watchInterruption(io, { json: options.json });
  try {
    return await transferWith(engine, given, { options, config, io, interruption });
  } catch (error) {
    return await exitInterrupted(error, interruption, { io, json: options.json });
  }
}

interface TransferParts {
  readonly options: PushOptions;
  readonly config: Config;
  readonly io: Io;
  readonly interruption: Interruption;
}

async function transferWith(
  engine: ContainerEngine,
  { name, verb, move, watch = false }: Transfer,
  { options, config, io, interruption }: TransferParts,
): Promise<number> {
  const reporter = createReporter(io, options);
  const { uploadLimitBytes } = config.workspace;
  const workspace = await findWorkspace(engine, name, {
    signal: interruption.graceful,
    ...(uploadLimitBytes === undefined ? {} : { uploadLimitBytes }),
    // Nobody sits before what is watched, and a question would hold up the other direction.
    ...(watch && options.yes !== true ? {} : toConfirmation(options, io)),
  });
  if (workspace === undefined)
    throw invalidArgument('name', 'is that of a session which another machine opened', `Use recac cp ${name}:. DIR.`);
  const { strategy, path } = workspace.record;
  if (strategy !== 'git' && strategy !== 'upload') {
    reporter.note(`${name} works with --sync ${strategy}: there is nothing to be ${verb}`);
    return exitOk;
  }
  const report = await move(workspace, interruption.graceful);
  if (options.json === true) await io.writeStdout(toJsonLine({ session: name, strategy, path, ...report }));
  reportTransfer(reporter, report, verb);
  if (strategy === 'git' && verb !== 'sent') reporter.note(`next: recac diff ${name}, then recac apply ${name}`);
  if (watch) {
    await watchSession(workspace, { reporter, signal: interruption.graceful });
    return interruption.usualExitCode;
  }
  return report.conflicts.length === 0 ? exitOk : exitFailed;
}

/** Until the signal fires or the session ends; each transfer is one line. */
async function watchSession(
  { strategy, environment, record }: SessionWorkspace,
  { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<void> {
  reporter.note(`watching ${record.path}; Ctrl-C ends it`);
  await keepInStep({
    directory: record.path,
    signal,
    push: (changedPaths) => strategy.push(environment, changedPaths === undefined ? {} : { changedPaths }),
    pull: () => strategy.pull(environment),
    onMoved: (direction, report) => reportTransfer(reporter, report, direction === 'push' ? 'sent' : 'brought back'),
    onProblem: (error) => reporter.note(toErrorReport(error).message),
  });
}
