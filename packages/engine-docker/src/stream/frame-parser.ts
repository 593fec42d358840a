import { Buffer } from 'node:buffer';

/** The stream that a frame belongs to: 1 stdout, 2 stderr, 3 a complaint of the daemon. */
export type FrameStream = 1 | 2 | 3;

const headerLength = 8;

/**
 * Takes Docker's multiplexed stream apart, in place: payloads are views of the chunks they came in. A frame is 8 bytes of header (stream, three zeros,
 * length as big-endian 32 bit) and its payload (API reference, "Attach to a container"). Frames and headers may be split anywhere.
 */
export class FrameParser {
  readonly #onPayload: (stream: FrameStream, payload: Buffer) => void;
  readonly #header = Buffer.alloc(headerLength);
  #headerFilled = 0;
  #remaining = 0;
  #stream: FrameStream = 1;

  /** `onPayload`: gets every payload, in order, possibly in pieces. */
  constructor(onPayload: (stream: FrameStream, payload: Buffer) => void) {
    this.#onPayload = onPayload;
  }

  /** True between two frames: an end of the stream anywhere else cut a frame. */
  get isBetweenFrames(): boolean {
    return this.#remaining === 0 && this.#headerFilled === 0;
  }

  /** Takes the next bytes. Throws an `Error` at a header that is none: from there on nothing can be trusted. */
  push(chunk: Buffer): void {
    let position = 0;
    while (position < chunk.length) {
      if (this.#remaining > 0) {
        const end = Math.min(chunk.length, position + this.#remaining);
        this.#onPayload(this.#stream, chunk.subarray(position, end));
        this.#remaining -= end - position;
        position = end;
      } else if (this.#headerFilled === 0 && chunk.length - position >= headerLength) {
        this.#begin(chunk, position);
        position += headerLength;
      } else {
        const taken = Math.min(headerLength - this.#headerFilled, chunk.length - position);
        chunk.copy(this.#header, this.#headerFilled, position, position + taken);
        this.#headerFilled += taken;
        position += taken;
        if (this.#headerFilled < headerLength) return;
        this.#headerFilled = 0;
        this.#begin(this.#header, 0);
      }
    }
  }

  #begin(bytes: Buffer, offset: number): void {
    const stream = bytes.readUInt8(offset);
    if (stream < 1 || stream > 3 || bytes.readUIntBE(offset + 1, 3) !== 0)
      throw new Error('the daemon sent something that is not a frame');
    this.#stream = stream as FrameStream;
    this.#remaining = bytes.readUInt32BE(offset + 4);
  }
}
