import type { TransferReport } from '@recac/engine-core';
import { invalidArgument } from '@recac/engine-core';
import { findWorkspace, type SessionWorkspace } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { exitFailed, exitOk } from '../exit-status.ts';
import { describeTransfer } from '../harvest-report.ts';
import { watchInterruption } from '../interruption.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import type { EngineOptions } from '../options/common-options.ts';
import { createReporter } from '../reporter.ts';

/** `recac push`: what changed on this machine goes into the session. */
export function pushAction(name: string, options: EngineOptions, context: CommandContext): Promise<number> {
  const push = ({ strategy, environment }: SessionWorkspace, signal: AbortSignal): Promise<TransferReport> =>
    strategy.push(environment, { signal });
  return transfer({ name, verb: 'sent', move: push }, options, context);
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
  readonly move: (workspace: SessionWorkspace, signal: AbortSignal) => Promise<TransferReport>;
}

/** A file that both sides changed is no success: the exit code says so, as that of git merge does. */
async function transfer(
  { name, verb, move }: Transfer,
  options: EngineOptions,
  { io }: CommandContext,
): Promise<number> {
  await using engine = (await openEngine(options)).engine;
  const reporter = createReporter(io, options);
  using interruption = watchInterruption(io);
  const workspace = await findWorkspace(engine, name, { signal: interruption.graceful });
  if (workspace === undefined)
    throw invalidArgument('name', 'is that of a session which another machine opened', `Use recac cp ${name}:. DIR.`);
  const { strategy, path } = workspace.record;
  if (strategy !== 'git' && strategy !== 'upload') {
    reporter.note(`${name} works with --sync ${strategy}: there is nothing to be ${verb}`);
    return exitOk;
  }
  const report = await move(workspace, interruption.graceful);
  if (options.json === true) await io.writeStdout(toJsonLine({ session: name, strategy, path, ...report }));
  for (const line of describeTransfer(report, verb)) reporter.note(line);
  if (strategy === 'git' && verb !== 'sent') reporter.note(`next: recac diff ${name}, then recac apply ${name}`);
  return report.conflicts.length === 0 ? exitOk : exitFailed;
}
