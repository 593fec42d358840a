import { Buffer } from 'node:buffer';

/** A piece of an answer that comes in chunks: its head, one line of its body, or its end. */
export type AnswerPiece =
  | { readonly type: 'head'; readonly bytes: Buffer }
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'end' };

/** Takes an HTTP/1.1 answer that comes in chunks (RFC 9112, 7.1) apart into lines, however it was cut. */
export class ChunkedLines {
  #rest = Buffer.alloc(0);
  #line = Buffer.alloc(0);
  #hasHead = false;

  /** The pieces that are whole by now. A line without its end is none. */
  take(bytes: Buffer): readonly AnswerPiece[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const pieces: AnswerPiece[] = [];
    if (!this.#hasHead) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end === -1) return pieces;
      this.#hasHead = true;
      pieces.push({ type: 'head', bytes: this.#cut(end + 4) });
    }
    for (let chunk = this.#nextChunk(); chunk !== undefined; chunk = this.#nextChunk()) {
      if (chunk.length === 0) pieces.push({ type: 'end' });
      else for (const line of this.#split(chunk)) pieces.push({ type: 'line', line });
    }
    return pieces;
  }

  #nextChunk(): Buffer | undefined {
    const end = this.#rest.indexOf('\r\n');
    if (end === -1) return undefined;
    const length = Number.parseInt(this.#rest.subarray(0, end).toString('latin1'), 16);
    if (this.#rest.length < end + 2 + length + 2) return undefined;
    this.#cut(end + 2);
    const chunk = this.#cut(length);
    this.#cut(2);
    return chunk;
  }

  #split(chunk: Buffer): readonly string[] {
    this.#line = Buffer.concat([this.#line, chunk]);
    const end = this.#line.lastIndexOf('\n');
    if (end === -1) return [];
    const lines = this.#line.subarray(0, end).toString('utf8').split('\n');
    this.#line = this.#line.subarray(end + 1);
    return lines;
  }

  #cut(length: number): Buffer {
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return bytes;
  }
}

/** A text as one chunk. */
export function toChunk(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** The end of an answer that comes in chunks. */
export const lastChunk = Buffer.from('0\r\n\r\n');
