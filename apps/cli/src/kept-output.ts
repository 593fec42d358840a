/** Most bytes of one stream that `logs --json` keeps; those of `exec`. */
export const keptOutputBytes = 16 * 1_048_576;

/** The first bytes of a stream. */
export interface KeptOutput {
  /** Takes the next piece; a copy of what fits is kept. */
  add(chunk: Uint8Array): void;
  /** What was kept. */
  data(): Uint8Array;
  /** Whether more came than was kept. */
  isCut(): boolean;
}

/** Keeps the first 16 MiB of a stream. */
export function keepOutput(): KeptOutput {
  const pieces: Uint8Array[] = [];
  let room = keptOutputBytes;
  let isCut = false;
  return {
    add(chunk) {
      if (chunk.length > room) isCut = true;
      if (room === 0) return;
      const piece = Uint8Array.from(chunk.subarray(0, room));
      pieces.push(piece);
      room -= piece.length;
    },
    data: () => Buffer.concat(pieces),
    isCut: () => isCut,
  };
}
