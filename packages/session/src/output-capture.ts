/** Keeps the first bytes of a stream and counts the rest. */
export interface OutputCapture {
  /** Takes the next piece. */
  add(chunk: Uint8Array): void;
  /** The bytes kept so far, in one piece. */
  bytes(): Uint8Array;
}

/** A capture that keeps at most `limit` bytes. */
export function createOutputCapture(limit: number): OutputCapture {
  const kept: Uint8Array[] = [];
  let length = 0;
  return {
    add(chunk) {
      const part = chunk.subarray(0, Math.max(0, limit - length));
      if (part.length === 0) return;
      kept.push(part);
      length += part.length;
    },
    bytes: () => Buffer.concat(kept, length),
  };
}
