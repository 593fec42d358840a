import type { Environment } from '@recac/engine-core';
import { openSession } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { StartCommandOptions } from '../commands/start.ts';
import { escapeText } from '../escape-text.ts';
import { exitInterrupted } from '../exit-interrupted.ts';
import { exitOk } from '../exit-status.ts';
import { watchInterruption } from '../interruption.ts';
import { warnWithoutIsolation } from '../isolation-warning.ts';
import { toJsonLine } from '../json-text.ts';
import { openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';
import { createSessionProgress } from '../session-progress.ts';
import { checkpointNotKept, checkpointOtherWays, toStartOptions, validateStartOptions } from '../start-options.ts';
import { describeUnfinishedSession } from '../unfinished-session.ts';

/** How the work of a session outlives an environment that ends. */
function keepIt(name: string): string {
  return `recac pull ${name} brings its work back from time to time, and a claim (--pvc) keeps it`;
}

/** `recac start`: the environment goes on after this process. */
export async function startAction(options: StartCommandOptions, { io }: CommandContext): Promise<number> {
  validateStartOptions(options);
  const opened = await openEngine(options);
  await using engine = opened.engine;
  const reporter = createReporter(io, options);
  const sessionOptions = await toStartOptions(options, opened, { io });
  warnWithoutIsolation(reporter, engine);
  if (opened.config.session.checkpointMs)
    reporter.note(`session.checkpoint is not used: it ${checkpointNotKept}. Use ${checkpointOtherWays}`);
  const progress = createSessionProgress(reporter);
  using interruption = watchInterruption(io, {
    describeUnfinished: () => describeUnfinishedSession(sessionOptions.name ?? progress.session),
    json: options.json,
  });
  try {
    const session = await openSession({
      ...sessionOptions,
      onEvent: progress.onEvent,
      signal: interruption.graceful,
    });
    if (!session.isKept)
      reporter.note(`the files of ${session.name} end with its environment. ${keepIt(session.name)}`);
    await io.writeStdout(
      options.json === true
        ? toJsonLine(toStartJson(session.environment, progress.warnings))
        : `${escapeText(session.name)}\n`,
    );
    return exitOk;
  } catch (error) {
    return await exitInterrupted(error, interruption, { io, json: options.json });
  }
}

function toStartJson(environment: Environment, warnings: readonly string[]): unknown {
  return warnings.length === 0 ? environment : { ...environment, warnings };
}
