import type { Buffer } from 'node:buffer';
import { Readable } from 'node:stream';

const bufferedBytes = 256 * 1_024;

/** One output of a process. Takes every byte it is given; says when it would rather wait. */
export class OutputStream extends Readable {
  readonly #onWanted: () => void;
  #isFull = false;

  /** `onWanted`: called when it wants more after it was full. */
  constructor(onWanted: () => void) {
    super({ highWaterMark: bufferedBytes });
    this.#onWanted = onWanted;
  }

  /** Holds as much as it should, and its reader has not come back. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Adds bytes. After the stream was destroyed they are dropped. */
  add(bytes: Buffer): void {
    if (!this.destroyed && !this.push(bytes)) this.#isFull = true;
  }

  override _read(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#onWanted();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#isFull = false;
    this.#onWanted();
    callback(error);
  }
}
