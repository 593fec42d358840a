import { type ContainerEngine, invalidArgument } from '@recac/engine-core';
import { stopSession } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { StopOptions } from '../commands/stop.ts';
import { type ErrorReport, printError, toErrorReport } from '../error-report.ts';
import { exitFailed, exitOk } from '../exit-status.ts';
import { inParallel } from '../in-parallel.ts';
import { toJsonLine } from '../json-text.ts';
import { createLightError } from '../light-error.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';

const atOnce = 8;

interface StopOutcome {
  readonly session: string;
  readonly stopped: boolean;
  readonly error?: ErrorReport;
}

/** `recac stop`: what does not exist is as good as stopped; one failure does not keep the others from being stopped. */
export async function stopAction(
  given: readonly string[],
  options: StopOptions,
  { io }: CommandContext,
): Promise<number> {
  if ((given.length === 0) === (options.all !== true)) {
    throw invalidArgument('name', 'must be given, or --all', 'Write recac stop NAME. See recac list.');
  }
  await using engine = (await openEngine(options)).engine;
  const reporter = createReporter(io, options);
  const names =
    options.all === true ? (await engine.listEnvironments()).map(({ sessionId }) => sessionId) : [...new Set(given)];
  const outcomes = await inParallel(names, atOnce, (name) => stopOne(engine, name));
  for (const { session, stopped, error } of outcomes) {
    if (error !== undefined)
      await printError(io, createLightError(error.code, error.message, error.details), { json: false });
    else
      reporter.note(
        stopped ? `stopped ${session}` : `no session named ${JSON.stringify(session)} runs; nothing to stop`,
      );
  }
  if (options.json === true) await io.writeStdout(toJsonLine(outcomes));
  return outcomes.some(({ error }) => error !== undefined) ? exitFailed : exitOk;
}

async function stopOne(engine: ContainerEngine, session: string): Promise<StopOutcome> {
  try {
    return { session, stopped: await stopSession(engine, session) };
  } catch (error) {
    return { session, stopped: false, error: toErrorReport(error) };
  }
}
