import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

/** How much was read, how fast, and what it took. */
export interface Reading {
  /** How many bytes. */
  readonly bytes: number;
  /** In how many seconds. */
  readonly seconds: number;
  /** How many bytes the resident memory grew at most. */
  readonly growth: number;
}

/** Looking at the memory costs a read of /proc, more than taking a small piece of output does: every so many milliseconds. */
const lookEveryMs = 10;

/** Reads everything and watches how much resident memory grows. `bytesPerSecond`: reads no faster. */
export async function readAll(stream: AsyncIterable<Uint8Array>, bytesPerSecond?: number): Promise<Reading> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  let bytes = 0;
  let peak = before;
  let lookedAt = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    const now = performance.now();
    if (now - lookedAt >= lookEveryMs) {
      peak = Math.max(peak, process.memoryUsage.rss());
      lookedAt = now;
    }
    const ahead = bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1000 - (now - startedAt);
    if (ahead > 5) await pause(ahead);
  }
  return { bytes, seconds: (performance.now() - startedAt) / 1000, growth: peak - before };
}
