import type { CallOptions, ContainerEngine, ExecInfo } from '@recac/engine-core';

const firstWindowBytes = 64 * 1024;
const newline = 10;

/** Which stream of which command to look at. */
export interface TailQuery {
  /** Environment of the command. */
  readonly environmentId: string;
  /** The command, with the bytes recorded so far. */
  readonly exec: ExecInfo;
  /** The stream. */
  readonly stream: 'stdout' | 'stderr';
  /** How many lines at the end; an unfinished last line counts. */
  readonly lines: number;
}

/** The byte offset at which the last `lines` lines of what is recorded now begin. Reads backwards in growing pieces, never the whole of a long record. */
export async function findTailOffset(
  engine: ContainerEngine,
  query: TailQuery,
  options: CallOptions = {},
): Promise<number> {
  const total = query.stream === 'stdout' ? query.exec.stdoutBytes : query.exec.stderrBytes;
  if (query.lines <= 0) return total;
  for (let window = firstWindowBytes; ; window *= 8) {
    const from = Math.max(0, total - window);
    const recorded = await readRecord(engine, query, { from, total }, options);
    const start = findLineStart(recorded, query.lines);
    if (start !== undefined) return from + start;
    if (from === 0) return 0;
  }
}

async function readRecord(
  engine: ContainerEngine,
  { environmentId, exec, stream }: TailQuery,
  range: { readonly from: number; readonly total: number },
  options: CallOptions,
): Promise<Uint8Array> {
  const wanted = range.total - range.from;
  if (wanted === 0) return new Uint8Array();
  const offsets = stream === 'stdout' ? { fromStdoutByte: range.from } : { fromStderrByte: range.from };
  await using handle = await engine.attachExec(environmentId, exec.execId, { ...options, ...offsets });
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of handle[stream]) {
    pieces.push(piece);
    length += piece.length;
    if (length >= wanted) break;
  }
  return Buffer.concat(pieces).subarray(0, wanted);
}

function findLineStart(recorded: Uint8Array, lines: number): number | undefined {
  let position = recorded.at(-1) === newline ? recorded.length - 1 : recorded.length;
  for (let left = lines; left > 0; left -= 1) {
    position = position === 0 ? -1 : recorded.lastIndexOf(newline, position - 1);
    if (position === -1) return undefined;
  }
  return position + 1;
}
