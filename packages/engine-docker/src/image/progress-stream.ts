import { Buffer } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';

/** One line of a pull or build, as the daemon writes it. */
export interface ProgressLine {
  /** What happens. */
  readonly status?: string;
  /** What it happens to: a layer, or a tag. */
  readonly id?: string;
  /** How far it has come. */
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  /** Output of a build. */
  readonly stream?: string;
  /** Why everything failed. */
  readonly error?: string;
  /** The same, with an exit code where a command failed. */
  readonly errorDetail?: { readonly message?: string; readonly code?: number };
  /** Facts for programs, such as the id of the image that was built. */
  readonly aux?: { readonly ID?: string };
}

/** Why a progress stream did not come to its end. */
export type ProgressProblem = 'cut' | 'garbled' | 'stalled';

/** A progress stream that did not come to its end: nothing is known of the work. */
export class ProgressError extends Error {
  /** What was wrong with it. */
  readonly problem: ProgressProblem;

  constructor(problem: ProgressProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.problem = problem;
  }
}

const longestLine = 4_194_304;

/**
 * The lines of a progress stream. An `error` line is a line like others: the caller decides. Throws a {@link ProgressError} when the connection closes before
 * the end, a line is no JSON object, or no line comes for `stallMs` (default: however long).
 */
export async function* readProgress(
  stream: AsyncIterable<Uint8Array>,
  stallMs = Number.POSITIVE_INFINITY,
): AsyncGenerator<ProgressLine> {
  const decoder = new StringDecoder();
  let rest = '';
  for await (const chunk of withoutStalls(stream, stallMs)) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new ProgressError('garbled', 'a line of progress is too long');
    for (const line of lines) if (line.trim() !== '') yield parseLine(line);
  }
  if (rest.trim() !== '') yield parseLine(rest);
}

function parseLine(line: string): ProgressLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {}
  throw new ProgressError('garbled', 'a line of progress is no JSON object');
}

async function* withoutStalls(stream: AsyncIterable<Uint8Array>, stallMs: number): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilStalled(iterator.next(), stallMs).catch((error: unknown) => {
        if (error instanceof ProgressError) throw error;
        throw new ProgressError('cut', 'the connection closed before the end', error);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not waited for: a stalled stream would never answer.
    void iterator.return?.()?.catch(() => {});
  }
}

/** Rejects when `work` does not come to its end within `stallMs`. */
export async function untilStalled<T>(work: Promise<T>, stallMs: number): Promise<T> {
  if (stallMs === Number.POSITIVE_INFINITY) return work;
  const stalled = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => stalled.reject(new ProgressError('stalled', `nothing came for ${stallMs / 1000} s`)),
    stallMs,
  );
  try {
    return await Promise.race([work, stalled.promise]);
  } finally {
    clearTimeout(timer);
  }
}
