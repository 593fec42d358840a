import type { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { RecacError } from '@recac/engine-core';
import { delay } from '../deadline.ts';
import { type ExecAddress, toSegment } from '../lane/exec-address.ts';
import type { LanePool } from '../lane/lane-pool.ts';
import type { RecordFollower } from './record-follower.ts';

/** What to read. */
export interface ReadOptions {
  /** The lanes of the command's user. */
  readonly pool: LanePool;
  /** Where the record lies. */
  readonly address: ExecAddress;
  /** Knows how far the record has come. */
  readonly follower: RecordFollower;
  /** Which stream. */
  readonly stream: 'out' | 'err';
  /** Where the command's output begins in the segment. */
  readonly base: number;
  /** First byte of the command's output to deliver. */
  readonly from: number;
  /** Longest time without a connection until reading fails, in milliseconds. */
  readonly reconnectMs: number;
  /** Fires when the handle is given up: reading ends. */
  readonly signal: AbortSignal;
}

/** Bytes asked for at a time: what one reader holds in memory at most. */
const rangeLength = 1_048_576;
const pauseMs = 100;

/** Delivers one stream of a record from a byte on, live, and ends when the record is complete. */
export async function* readOutput(options: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { follower, stream, signal } = options;
  let at = options.from;
  while (!signal.aborted) {
    const changed = follower.changed();
    const inline = inlineOutput(follower, stream);
    if (inline) return yield* skipBytes(inline, at);
    const available = follower.length(stream) - at;
    if (available > 0) {
      for (const piece of await readRange(options, at, Math.min(available, rangeLength))) {
        yield piece;
        at += piece.length;
      }
    } else if (follower.end) {
      return;
    } else {
      await changed;
    }
  }
}

function inlineOutput(follower: RecordFollower, stream: 'out' | 'err'): readonly Buffer[] | undefined {
  if (follower.end?.type !== 'recorded') return undefined;
  const output = follower.end.record.output;
  return stream === 'out' ? output?.stdout : output?.stderr;
}

function* skipBytes(pieces: readonly Buffer[], count: number): Generator<Uint8Array, void, undefined> {
  let skip = count;
  for (const piece of pieces) {
    if (skip < piece.length) yield piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
  }
}

async function readRange(options: ReadOptions, at: number, length: number): Promise<readonly Buffer[]> {
  const segment = toSegment(options.address);
  const giveUpAt = performance.now() + options.reconnectMs;
  for (;;) {
    try {
      const control = await options.pool.control();
      return await control.read(segment, options.stream, options.base + at, length);
    } catch (error) {
      const canWait = performance.now() < giveUpAt && !options.signal.aborted && !options.pool.closed && !isGone(error);
      if (!canWait || !(await mayBeRead(options, at, length))) throw unreadable(error, at);
      await delay(pauseMs, options.signal);
    }
  }
}

/** False when the record does not hold the bytes any more. A line that breaks here as well may come back. */
async function mayBeRead(options: ReadOptions, at: number, length: number): Promise<boolean> {
  try {
    const size = await (await options.pool.control()).size(toSegment(options.address));
    return (options.stream === 'out' ? size.stdoutEnd : size.stderrEnd) >= options.base + at + length;
  } catch (error) {
    return !isGone(error);
  }
}

function isGone(error: unknown): boolean {
  return RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND';
}

function unreadable(cause: unknown, at: number): RecacError {
  return new RecacError(
    'RECAC_EXEC_FAILED',
    'the output of the command could not be read: the environment is gone or out of reach. Attach again to resume at a byte.',
    { cause, details: { nextByte: at } },
  );
}
