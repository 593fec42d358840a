import type { ContainerEngine, EnvironmentStatus, ExecEnd, ExecInfo } from '@recac/engine-core';
import { type FollowOptions, findExec, findSession, followExec } from '@recac/session';
import type { CommandContext } from '../command-context.ts';
import { printError, toErrorReport } from '../error-report.ts';
import { reportEnd } from '../exec-report.ts';
import { type Interruption, watchInterruption } from '../interruption.ts';
import { toJsonLine } from '../json-text.ts';
import { createLightError } from '../light-error.ts';
import { openEngine } from '../open-engine.ts';
import type { RecordOptions } from '../options/record-options.ts';
import { findRecordOffsets, validateRecordOptions } from '../record-offsets.ts';
import { createReporter } from '../reporter.ts';

/** The words of `recac attach` and `recac logs`. */
export interface RecordArguments {
  /** Name of the session. */
  readonly name: string;
  /** Exec id; without one the running command, else the last. */
  readonly exec: string | undefined;
}

/** A command and where it runs. */
export interface FoundRecord {
  /** The environment. */
  readonly environment: EnvironmentStatus;
  /** What its record says. */
  readonly exec: ExecInfo;
}

/** Finds the command that the words mean. Errors: those of `findSession` and `findExec`. */
export async function findRecord(engine: ContainerEngine, given: RecordArguments): Promise<FoundRecord> {
  const environment = await findSession(engine, given.name);
  return { environment, exec: await findExec(engine, environment.id, given.exec) };
}

/** `recac attach`: never ends the command. With `--json` its output goes to stderr, so that stdout has the one object. */
export async function attachAction(
  given: RecordArguments,
  options: RecordOptions,
  { io }: CommandContext,
): Promise<number> {
  validateRecordOptions(options);
  const { engine } = await openEngine(options);
  using interruption = watchInterruption(io, { json: options.json });
  const reporter = createReporter(io, options);
  try {
    const { environment, exec } = await findRecord(engine, given);
    const offsets = await findRecordOffsets(engine, environment.id, exec, options);
    const writeStdout = options.json === true ? io.writeStderr : io.writeStdout;
    const end = await follow(
      engine,
      { environment, exec },
      { ...offsets, onStdout: writeStdout, onStderr: io.writeStderr, signal: interruption.graceful },
      interruption,
    );
    if (end === undefined) {
      const message = `detached; the command goes on: recac attach ${given.name} ${exec.execId}`;
      const details = { session: given.name, execId: exec.execId };
      if (options.json === true)
        await printError(io, createLightError('RECAC_ABORTED', message, details), { json: true });
      else reporter.note(message);
      return interruption.exitCode ?? 130;
    }
    reportEnd(reporter, end);
    if (options.json === true)
      await io.writeStdout(toJsonLine({ session: given.name, environment: environment.id, ...end }));
    return end.exitCode;
  } finally {
    await engine.close();
  }
}

/** The end of the command, or `undefined` when we were interrupted first. */
async function follow(
  engine: ContainerEngine,
  { environment, exec }: FoundRecord,
  options: FollowOptions,
  interruption: Interruption,
): Promise<ExecEnd | undefined> {
  const interrupted = new Promise<undefined>((resolve) => {
    interruption.graceful.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const following = followExec(engine, environment.id, exec.execId, options).catch((error: unknown) => {
    if (interruption.graceful.aborted && toErrorReport(error).code === 'RECAC_ABORTED') return undefined;
    throw error;
  });
  return Promise.race([following, interrupted]);
}
