import { withDeadline } from './deadline.ts';

/** Everything a stream delivers until it ends. */
export async function readBytes(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** Everything a stream delivers until it ends, as UTF-8. */
export async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.from(await readBytes(stream)).toString('utf8');
}

/** Reads a live stream piece by piece; keeps what it has read. */
export class StreamReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #longestMs: number;
  #read = Buffer.alloc(0);

  /** `slow` multiplies the longest wait for a piece. */
  constructor(stream: AsyncIterable<Uint8Array>, { slow }: { readonly slow: number }) {
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#longestMs = 20_000 * slow;
  }

  /** What was read so far. */
  get bytes(): Uint8Array {
    return this.#read;
  }

  /** Reads until the text has appeared; gives all read so far. Rejects when the stream ends first or nothing comes for 20 s, times `slow`. */
  async until(text: string): Promise<string> {
    while (!this.#read.includes(text)) {
      const next = await withDeadline(this.#iterator.next(), this.#longestMs, `waiting for ${JSON.stringify(text)}`);
      if (next.done) throw new Error(`the stream ended before ${JSON.stringify(text)} appeared`);
      this.#read = Buffer.concat([this.#read, next.value]);
    }
    return this.#read.toString('utf8');
  }

  /** Reads to the end; gives everything from the first byte. */
  async rest(): Promise<Uint8Array> {
    for (let next = await this.#iterator.next(); !next.done; next = await this.#iterator.next()) {
      this.#read = Buffer.concat([this.#read, next.value]);
    }
    return this.#read;
  }
}
