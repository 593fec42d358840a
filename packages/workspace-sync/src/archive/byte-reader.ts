import { truncatedArchive } from './tar-error.ts';

/** Reads a stream in pieces of the size that is wanted. What it gives is valid until the next call. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; `undefined` at the end of the stream. Errors: when the stream ends within them. */
  async read(bytes: number): Promise<Buffer | undefined> {
    // Small ones share a buffer of Node's pool: one of its own for each header would be millions of allocations outside of the heap.
    const result = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes; ) {
      if (!(await this.#fill())) {
        if (at === 0) return undefined;
        throw truncatedArchive();
      }
      const piece = this.#rest.subarray(0, bytes - at);
      this.#rest = this.#rest.subarray(piece.length);
      result.set(piece, at);
      at += piece.length;
    }
    return result;
  }

  /** Some bytes, at least one and at most so many. Errors: at the end of the stream. */
  async readSome(limit: number): Promise<Uint8Array> {
    if (!(await this.#fill())) throw truncatedArchive();
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** Gives bytes back: they are the next ones to be read. */
  putBack(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([bytes, this.#rest]);
  }

  /** Reads to the end. */
  async drain(): Promise<void> {
    do this.#rest = new Uint8Array();
    while (await this.#fill());
  }

  /** Says that nothing more will be read. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#rest = next.value;
    }
    return true;
  }
}
