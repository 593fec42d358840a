import { Buffer } from 'node:buffer';

/** How to collect one stream. */
export interface CollectOptions {
  /** Bytes kept; the rest is read and dropped. */
  readonly limitBytes: number;
  /** Called with every piece, kept or not. */
  readonly onChunk?: ((chunk: Uint8Array) => void | Promise<void>) | undefined;
}

/** Reads a stream to its end and keeps its first bytes. */
export async function collectOutput(stream: AsyncIterable<Uint8Array>, options: CollectOptions): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let room = options.limitBytes;
  for await (const chunk of stream) {
    if (room > 0) {
      const piece = chunk.subarray(0, room);
      kept.push(piece);
      room -= piece.length;
    }
    await options.onChunk?.(chunk);
  }
  return Buffer.concat(kept);
}
