import { type Config, type Environment, invalidArgument } from '@recac/engine-core';
import { openSession } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import type { StartCommandOptions } from '../commands/start.ts';
import { escapeText } from '../escape-text.ts';
import { exitInterrupted } from '../exit-interrupted.ts';
import { exitOk } from '../exit-status.ts';
import { watchInterruption } from '../interruption.ts';
import { warnWithoutIsolation } from '../isolation-warning.ts';
import { toJsonLine } from '../json-text.ts';
import { type OpenEngine, openEngine } from '../open-engine.ts';
import { createReporter } from '../reporter.ts';
import { toSessionOptions } from '../session-options.ts';
import { createSessionProgress } from '../session-progress.ts';

const notKept = 'cannot be kept by recac start, which ends while the session goes on';
const otherWays = 'recac run --checkpoint, or recac pull NAME and recac push NAME --watch while it goes on';

/** How the work of a session outlives an environment that ends. */
function keepIt(name: string): string {
  return `recac pull ${name} brings its work back from time to time, and a claim (--pvc) keeps it`;
}

/** `recac start`: the environment goes on after this process. */
export async function startAction(options: StartCommandOptions, { io }: CommandContext): Promise<number> {
  if (options.checkpoint !== undefined && options.checkpoint !== 'none')
    throw invalidArgument('--checkpoint', notKept, `Use ${otherWays}.`);
  const opened = await openEngine(options);
  await using engine = opened.engine;
  const reporter = createReporter(io, options);
  const sessionOptions = await toSessionOptions(options, { engine, config: withoutDefaultLease(opened), io });
  warnWithoutIsolation(reporter, engine);
  if (opened.config.session.checkpointMs)
    reporter.note(`session.checkpoint is not used: it ${notKept}. Use ${otherWays}`);
  using interruption = watchInterruption(io);
  const progress = createSessionProgress(reporter);
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

/** The user has asked for an environment that stays: it goes by `stop`, or by a lease that somebody has set, never by the default one. */
function withoutDefaultLease({ config, isLeaseChosen }: OpenEngine): Config {
  if (isLeaseChosen) return config;
  const { leaseMs: _, ...session } = config.session;
  return { ...config, session };
}
