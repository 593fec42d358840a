import { RecacError } from '@recac/engine-core';
import { doneWithin } from '../done-within.ts';
import type { RawProcess } from '../engine-driver.ts';
import { drain } from './drain.ts';
import { LineReader } from './line-reader.ts';

/** A shell that starts says its first line in milliseconds, on a busy machine in seconds: after this long the line is taken for dead. */
const firstLineTimeoutMs = 60_000;

/** What a shell said first, and the reader of what follows. */
export interface FirstLine {
  /** The line; undefined when the process ended or its line broke before, or nothing came. */
  readonly line: string | undefined;
  /** Reads on. */
  readonly reader: LineReader;
}

/** Waits for the first line of a resident shell; its stderr is dropped from now on. A line that stays silent is cut: that of an environment that died may never end by itself. */
export async function readFirstLine(process: RawProcess): Promise<FirstLine> {
  drain(process.stderr);
  process.stdin.on('error', () => {});
  const reader = new LineReader(process.stdout);
  const timer = setTimeout(() => process.close(), firstLineTimeoutMs);
  try {
    return { reader, line: await reader.readLine().catch(() => undefined) };
  } finally {
    clearTimeout(timer);
  }
}

/** How long a process may take to tell how it ended once its output has, in milliseconds. */
const exitMs = 5_000;

/**
 * Of a process without a first line whose line nobody here has cut: true when it failed by itself, as where nobody can become its user; false when its line broke, it was killed, or nobody
 * tells.
 */
export async function hasFailedByItself({ exited }: RawProcess): Promise<boolean> {
  if (!(await doneWithin(exited, exitMs))) return false;
  const exit = await exited;
  // A shell that finds its line cut ends well; above 128 it was killed.
  return exit.type === 'exited' && exit.code > 0 && exit.code <= 128;
}

/** The error for a shell that ended without a word. */
export function noShellAnswered(): RecacError {
  return new RecacError(
    'RECAC_EXEC_FAILED',
    'no shell answered in the environment. Check that it still runs and that its image has a POSIX sh.',
  );
}
