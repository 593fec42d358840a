import { setTimeout as delay } from 'node:timers/promises';
import {
  type ExecHandle,
  type ExecOptions,
  type ExecResult,
  invalidArgument,
  type TerminalSize,
} from '@recac/engine-core';
import { interruptExec } from '@recac/session';
import type { Interruption } from './interruption.ts';
import type { Io } from './io.ts';
import type { ExecutionOptions } from './options/execution-options.ts';
import { connectTerminal } from './terminal.ts';

const pipeGraceMs = 1_000;
const drainMs = 2_000;

/** How to run one command for the command line. */
export interface Execution {
  /** The standard streams. */
  readonly io: Io;
  /** Flags of the command. */
  readonly options: ExecutionOptions & { readonly json?: boolean };
  /** Terminal to ask for. */
  readonly terminal: TerminalSize | undefined;
  /** Ctrl-C and its kin. */
  readonly interruption: Interruption;
  /** Time that the command gets to end by itself, in milliseconds. */
  readonly graceMs: number;
  /** Runs it, with the options given. */
  readonly run: (options: ExecOptions) => Promise<ExecResult>;
}

/** Errors when `-i` is given and our stdin cannot be read. */
export function checkStdin(io: Io, options: ExecutionOptions): void {
  const problem = options.interactive === true ? io.findStdinProblem() : undefined;
  if (problem !== undefined)
    throw invalidArgument('stdin', problem, 'Give --interactive a file, a pipe or a terminal to read.');
}

/**
 * Runs a command with its output on ours (kept for the result with `--json`), our stdin on its own with `-i`, and interruptions passed on.
 * Gives `undefined` when an interruption ended the waiting before the result was there.
 */
export async function executeCommand(execution: Execution): Promise<ExecResult | undefined> {
  const { io, options, terminal, interruption } = execution;
  const interrupted = Promise.withResolvers<undefined>();
  let link: Disposable | undefined;
  let isStarted = false;
  const onStarted = (handle: ExecHandle): void => {
    isStarted = true;
    if (terminal !== undefined) link = connectTerminal(io, handle, options);
    endWhenInterrupted(execution, handle).then(interrupted.resolve, interrupted.reject);
  };
  const running = execution.run({
    onStarted,
    signal: untilStartedOrForced(interruption, () => isStarted),
    ...(options.interactive === true ? { stdin: io.readStdin() } : {}),
    ...(terminal === undefined ? {} : { terminal }),
    ...toOutputOptions(io, options.json === true),
  });
  try {
    return await Promise.race([running, interrupted.promise]);
  } finally {
    link?.[Symbol.dispose]();
  }
}

/** Before the command runs any interruption cancels it; afterwards only the second does, because the first is passed on as a signal. */
function untilStartedOrForced(interruption: Interruption, isStarted: () => boolean): AbortSignal {
  const controller = new AbortController();
  void untilAborted(interruption.graceful).then(() => {
    if (!isStarted()) controller.abort(interruption.cause);
  });
  void untilAborted(interruption.forced).then(() => controller.abort(interruption.cause));
  return controller.signal;
}

function toOutputOptions(io: Io, isJson: boolean): ExecOptions {
  if (isJson) return {};
  return { maxOutputBytes: 0, onStdout: (chunk) => io.writeStdout(chunk), onStderr: (chunk) => io.writeStderr(chunk) };
}

/** Resolves a while after the command was made to end; never when nothing interrupts. */
async function endWhenInterrupted({ interruption, graceMs }: Execution, handle: ExecHandle): Promise<undefined> {
  await Promise.race([untilAborted(interruption.graceful), untilAborted(interruption.forced)]);
  const signalName = interruption.cause ?? 'SIGINT';
  const grace = signalName === 'SIGPIPE' ? Math.min(pipeGraceMs, graceMs) : graceMs;
  const ending = interruptExec(handle, { signalName, graceMs: grace });
  const forcing = untilAborted(interruption.forced).then(() => handle.signal('SIGKILL'));
  await Promise.race([ending, forcing]);
  await delay(interruption.forced.aborted ? 0 : drainMs);
  return undefined;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
