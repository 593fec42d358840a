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
  readonly failed: (error: RecacError) => void;
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
  #broken: RecacError | undefined;

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

  /** Lets the command have its stdin; to be called once the command has been asked for, and before anything else. */
  begin(): void {
    this.#process.stdin.write('begin\n');
  }

  /** Sends bytes; resolves when the command's pipe took them, or when the command no longer reads. Errors: `RECAC_EXEC_FAILED` when the line broke. */
  write(data: string | Uint8Array): Promise<void> {
    if (this.#broken) return Promise.reject(this.#broken);
    if (this.#ended) {
      return Promise.reject(
        new RecacError('RECAC_INVALID_ARGUMENT', 'stdin has been ended. Write before end().', {
          details: { field: 'stdin' },
        }),
      );
    }
    // A source that has its pieces at hand would otherwise keep everything else from running.
    if (this.#closed) return setImmediate();
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    for (let at = 0; at < bytes.length; at += largestFrame) {
      const piece = bytes.subarray(at, at + largestFrame);
      this.#last = new Promise((taken, failed) => this.#waiting.push({ bytes: piece, taken, failed }));
      this.#last.catch(() => {});
    }
    this.#sendFrames();
    return this.#last;
  }

  /** Says the end; resolves when it has arrived, or when the command no longer reads. Idempotent. Errors: `RECAC_EXEC_FAILED` when the line broke. */
  end(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#last = this.#last.then(() => this.#sayEnd());
      this.#last.catch(() => {});
    }
    return this.#last;
  }

  /** Gives up the feeder once the command has ended. */
  close(): void {
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
    await this.#hearAnswer();
    this.#frames -= 1;
    for (const { taken, failed } of pieces) {
      if (this.#broken) failed(this.#broken);
      else taken();
    }
    this.#sendFrames();
  }

  async #sayEnd(): Promise<void> {
    if (this.#closed) return;
    this.#process.stdin.write('0\n');
    await this.#hearAnswer();
    if (this.#broken) throw this.#broken;
  }

  /** A line that ends without an answer is broken, unless we have closed it. */
  async #hearAnswer(): Promise<void> {
    const answer = this.#closed ? 'closed' : await this.#reader.readLine().catch(() => undefined);
    if (answer === 'ok') return;
    if (answer !== 'closed' && !this.#closed) this.#broken = lineBroken();
    this.#closed = true;
  }
}

function lineBroken(): RecacError {
  return new RecacError(
    'RECAC_EXEC_FAILED',
    'the line that feeds stdin broke: the command may not have got all that was written, nor its end. End it, and run it again.',
  );
}
