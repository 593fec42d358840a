import { type ContainerEngine, type HarvestReport, invalidArgument } from '@recac/engine-core';
import { type StopSessionOptions, stopSession } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { StopOptions } from '../commands/stop.ts';
import { type ErrorReport, printError, toErrorReport } from '../error-report.ts';
import { exitFailed, exitOk } from '../exit-status.ts';
import { reportHarvest } from '../harvest-report.ts';
import { inParallel } from '../in-parallel.ts';
import { toJsonLine } from '../json-text.ts';
import { createLightError } from '../light-error.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';

const atOnce = 8;

interface StopOutcome {
  readonly session: string;
  readonly stopped: boolean;
  readonly report?: HarvestReport;
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
  const opened = await openEngine(options);
  await using engine = opened.engine;
  const { killGraceMs } = opened.config.session;
  const reporter = createReporter(io, options);
  const names =
    options.all === true ? (await engine.listEnvironments()).map(({ sessionId }) => sessionId) : [...new Set(given)];
  const outcomes = await inParallel(names, atOnce, (name) =>
    stopOne(engine, name, { discard: options.discard === true, killGraceMs }),
  );
  // With --all nobody has named the sessions whose work belongs elsewhere: they are left, and that is no failure.
  const isLeft = ({ error }: StopOutcome): boolean => options.all === true && error?.details.elsewhere === true;
  for (const outcome of outcomes) {
    const { session, stopped, report, error } = outcome;
    reportHarvest(reporter, report);
    if (isLeft(outcome)) reporter.note(`left alone: ${error?.message}`);
    else if (error !== undefined)
      await printError(io, createLightError(error.code, error.message, error.details), { json: false });
    else
      reporter.note(
        stopped ? `stopped ${session}` : `no session named ${JSON.stringify(session)} runs; nothing to stop`,
      );
  }
  if (options.json === true) await io.writeStdout(toJsonLine(outcomes));
  return outcomes.some((outcome) => outcome.error !== undefined && !isLeft(outcome)) ? exitFailed : exitOk;
}

async function stopOne(engine: ContainerEngine, session: string, options: StopSessionOptions): Promise<StopOutcome> {
  try {
    return { session, ...(await stopSession(engine, session, options)) };
  } catch (error) {
    return { session, stopped: false, error: toErrorReport(error) };
  }
}
