import { Buffer } from 'node:buffer';
import { RecacError } from '@recac/engine-core';
import type { RawProcess } from '../engine-driver.ts';
import { drain } from './drain.ts';
import { LineReader } from './line-reader.ts';

const largestFrame = 1_048_576;

/** Feeds one command's stdin through its own process, frame by frame, so that its end is always a said one. */
export class StdinFeeder {
  readonly #process: RawProcess;
  readonly #reader: LineReader;
  #last: Promise<void> = Promise.resolve();
  #beforeLast: Promise<void> = Promise.resolve();
  #ended = false;
  #closed = false;

  private constructor(process: RawProcess, reader: LineReader) {
    this.#process = process;
    this.#reader = reader;
  }

  /** Waits until the FIFO exists. */
  static async open(process: RawProcess): Promise<StdinFeeder> {
    drain(process.stderr);
    process.stdin.on('error', () => {});
    const reader = new LineReader(process.stdout);
    if ((await reader.readLine().catch(() => undefined)) === 'ready') return new StdinFeeder(process, reader);
    process.close();
    throw new RecacError(
      'RECAC_EXEC_FAILED',
      'stdin of the command could not be opened in the environment. Check its disk and that it still runs.',
    );
  }

  /** Sends bytes; resolves when the command's pipe took them, or when the command no longer reads. */
  write(data: string | Uint8Array): Promise<void> {
    if (this.#ended) {
      return Promise.reject(
        new RecacError('RECAC_INVALID_ARGUMENT', 'stdin has been ended. Write before end().', {
          details: { field: 'stdin' },
        }),
      );
    }
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    for (let at = 0; at < bytes.length; at += largestFrame) this.#frame(bytes.subarray(at, at + largestFrame));
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

  /** One frame is on its way while the environment takes the one before: it never waits for the line. */
  #frame(bytes: Uint8Array): void {
    const sent = this.#beforeLast.then(() => {
      if (this.#closed) return;
      this.#process.stdin.write(`${bytes.length}\n`);
      this.#process.stdin.write(bytes);
    });
    this.#beforeLast = this.#last;
    this.#last = Promise.all([sent, this.#last]).then(async () => {
      const answer = this.#closed ? 'closed' : await this.#reader.readLine().catch(() => undefined);
      if (answer !== 'ok') this.#closed = true;
    });
  }
}
