import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';

const newline = 0x0a;
const longestLine = 65_536;

/**
 * Reads lines and counted bytes from one stream, however the bytes are split. One read at a time. Bytes that nobody
 * asked for stay in the stream's own buffer or here, at most one chunk.
 */
export class LineReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #heardAt = 0;

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** When bytes came last, on the monotonic clock; 0 before any. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** The next line without its newline; undefined at the end of the stream. A last line without a newline is no line. */
  async readLine(): Promise<string | undefined> {
    let searched = 0;
    for (;;) {
      const end = this.#rest.indexOf(newline, searched);
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      searched = this.#rest.length;
      if (searched > longestLine) throw new Error(`line of more than ${longestLine} bytes`);
      if (!(await this.#fill())) return undefined;
    }
  }

  /** Exactly `length` bytes, in the pieces they came in. Throws when the stream ends before. */
  async readBytes(length: number): Promise<Buffer[]> {
    const pieces: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) throw new Error(`stream ended ${missing} bytes early`);
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      pieces.push(piece);
    }
    return pieces;
  }

  async #fill(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done) return false;
    this.#heardAt = performance.now();
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}
