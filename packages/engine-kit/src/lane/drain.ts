import type { Readable } from 'node:stream';

/** Reads a stream to its end and drops it. */
export function drain(stream: Readable): void {
  const read = async (): Promise<void> => {
    for await (const _ of stream);
  };
  read().catch(() => {});
}
