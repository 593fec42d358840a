import { Buffer } from 'node:buffer';

/** How to collect one stream. */
export interface CollectOptions {
  /** Bytes kept; the rest is read and dropped. */
  readonly limitBytes: number;
  /** Called with every piece, kept or not. */
  readonly onChunk?: ((chunk: Uint8Array) => void | Promise<void>) | undefined;
}

/** What was read of one stream. */
export interface CollectedOutput {
  /** Its first bytes: all of those that were read, up to the limit. */
  readonly data: Buffer;
  /** Why reading ended before the stream did: its own error, or that of `onChunk`. Absent: it was read to its end. */
  readonly error?: unknown;
}

/** Reads a stream to its end and keeps its first bytes, also where it breaks off. Never rejects. */
export async function collectOutput(
  stream: AsyncIterable<Uint8Array>,
  options: CollectOptions,
): Promise<CollectedOutput> {
  const kept: Uint8Array[] = [];
  let room = options.limitBytes;
  try {
    for await (const chunk of stream) {
      if (room > 0) {
        const piece = chunk.subarray(0, room);
        kept.push(piece);
        room -= piece.length;
      }
      await options.onChunk?.(chunk);
    }
  } catch (error) {
    return { data: Buffer.concat(kept), error };
  }
  return { data: Buffer.concat(kept) };
}
