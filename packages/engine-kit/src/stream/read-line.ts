import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

/**
 * Reads one line, byte by byte out of what has come, and leaves the rest in the stream. Undefined: it ended without one. Rejects with the signal's reason when
 * that fires.
 */
export async function readLine(stream: Readable, signal: AbortSignal): Promise<string | undefined> {
  const bytes: Buffer[] = [];
  for (;;) {
    const byte = stream.read(1) as Buffer | null;
    if (byte === null) {
      if (stream.readableEnded || stream.destroyed)
        return bytes.length > 0 ? Buffer.concat(bytes).toString() : undefined;
      await untilReadable(stream, signal);
    } else if (byte[0] === 10) return Buffer.concat(bytes).toString();
    else bytes.push(byte);
  }
}

function untilReadable(stream: Readable, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const waiting = new AbortController();
  return new Promise<void>((resolve, reject) => {
    stream.once('readable', resolve);
    finished(stream, { signal: waiting.signal }).then(
      () => resolve(),
      () => resolve(),
    );
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: waiting.signal });
  }).finally(() => waiting.abort());
}
