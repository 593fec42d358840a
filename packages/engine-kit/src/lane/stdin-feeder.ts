import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { RecacError } from '@recac/engine-core';
import type { RawProcess } from '../engine-driver.ts';
import { readFirstLine } from './first-line.ts';
import type { LineReader } from './line-reader.ts';

/** Bytes of a frame at most. Each costs the environment a process: what is written while frames are on their way goes into one. */
const largestFrame = 4_194_304;

/** Frames on their way: one that the environment takes, and the next one, so that it never waits for the line. */
const mostFrames = 2;

/** Bytes that wait for a frame, or are in one. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly taken: () => void;
}

/** Feeds one command's stdin through its own process, frame by frame, so that its end is always a said one. */
export class StdinFeeder {
  readonly #process: RawProcess;
  readonly #reader: LineReader;
  readonly #waiting: Piece[] = [];
  #frames = 0;
  #answers: Promise<void> = Promise.resolve();
  #last: Promise<void> = Promise.resolve();
  #ended = false;
  #closed = false;

  private constructor(process: RawProcess, reader: LineReader) {
    this.#process = process;
    this.#reader = reader;
  }

  /** Waits until the FIFO exists. */
  static async open(process: RawProcess): Promise<StdinFeeder> {
    const { line, reader } = await readFirstLine(process);
    if (line === 'ready') return new StdinFeeder(process, reader);
    process.close();
    throw new RecacError(
      'RECAC_EXEC_FAILED',
      'stdin of the command could not be opened in the environment. Check its disk and that it still runs.',
    );
  }

  /** Sends bytes; resolves when the command's pipe took them, or when the command no longer reads. */
  write(data: string | Uint8Array): Promise<void> {
    // A source that has its pieces at hand would otherwise keep everything else from running.
    if (this.#closed) return setImmediate();
    if (this.#ended) {
      return Promise.reject(
        new RecacError('RECAC_INVALID_ARGUMENT', 'stdin has been ended. Write before end().', {
          details: { field: 'stdin' },
        }),
      );
    }
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    for (let at = 0; at < bytes.length; at += largestFrame) {
      const piece = bytes.subarray(at, at + largestFrame);
      this.#last = new Promise((taken) => this.#waiting.push({ bytes: piece, taken }));
    }
    this.#sendFrames();
    return this.#last;
  }

  /** Says the end. Idempotent. */
  end(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#last = this.#last.then(() => {
        if (!this.#closed) this.#process.stdin.write('0\n');
      });
    }
    return this.#last;
  }

  /** Gives up the feeder once the command has ended. */
  close(): void {
    this.#ended = true;
    this.#closed = true;
    this.#process.close();
  }

  #sendFrames(): void {
    while (this.#waiting.length > 0 && (this.#closed || this.#frames < mostFrames)) {
      const pieces = this.#takeFrame();
      if (!this.#closed) {
        this.#process.stdin.cork();
        this.#process.stdin.write(`${pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)}\n`);
        for (const { bytes } of pieces) this.#process.stdin.write(bytes);
        this.#process.stdin.uncork();
      }
      this.#frames += 1;
      this.#answers = this.#answers.then(() => this.#awaitAnswer(pieces));
    }
  }

  #takeFrame(): readonly Piece[] {
    let length = 0;
    const over = this.#waiting.findIndex(({ bytes }) => {
      length += bytes.length;
      return length > largestFrame;
    });
    return this.#waiting.splice(0, over === -1 ? this.#waiting.length : over);
  }

  async #awaitAnswer(pieces: readonly Piece[]): Promise<void> {
    const answer = this.#closed ? 'closed' : await this.#reader.readLine().catch(() => undefined);
    if (answer !== 'ok') this.#closed = true;
    this.#frames -= 1;
    for (const { taken } of pieces) taken();
    this.#sendFrames();
  }
}
