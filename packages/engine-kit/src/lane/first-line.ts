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
