import type { Buffer } from 'node:buffer';
import { type Duplex, Writable } from 'node:stream';
import type { TerminalSize } from '@recac/engine-core';
import { OutputStream, type RawExit, type RawProcess } from '@recac/engine-kit';
import { FrameParser } from './frame-parser.ts';

/** What is known of the process at the other end, beyond its stream. */
export interface ProcessControl {
  /** How it ended; undefined while it runs. Rejects when nobody can tell. */
  readonly findExit: () => Promise<RawExit | undefined>;
  /** Signals it; resolves when that is done. Default: nothing happens. */
  readonly signal?: (signal: string) => Promise<void>;
  /** Changes its terminal's size. Default: nothing happens. */
  readonly resize?: (size: TerminalSize) => Promise<void>;
}

/** What a process over a stream is made of. */
export interface StreamProcessOptions extends ProcessControl {
  /** The connection, taken over. */
  readonly connection: Duplex;
  /** It has a terminal: output comes as it is, and the end of input is not sent (that ends the stream while the process runs). */
  readonly terminal: boolean;
}

const exitPollMs = 250;
const exitPatienceMs = 2_000;

/**
 * A process at the other end of a connection that was taken over. Back-pressure of a slow reader reaches the process; but once the process has ended,
 * everything is read, since dockerd drops what is still unread 2 s after (moby daemon/monitor.go).
 */
export class StreamProcess implements RawProcess {
  readonly stdin: Writable;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly exited: Promise<RawExit>;
  readonly #options: StreamProcessOptions;
  readonly #parser: FrameParser;
  #closed = false;
  #lostReason: string | undefined;
  #lastHeardAt = performance.now();
  #hasEnded = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: StreamProcessOptions) {
    this.#options = options;
    const { connection } = options;
    this.stdout = new OutputStream(() => this.#resume());
    this.stderr = new OutputStream(() => this.#resume());
    for (const stream of [this.stdout, this.stderr]) stream.on('error', () => {});
    this.#parser = new FrameParser((stream, payload) => (stream === 1 ? this.stdout : this.stderr).add(payload));
    this.stdin = toStdin(connection, options.terminal);
    this.exited = this.#follow();
    connection.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  signal(signal: string): void {
    void this.kill(signal);
  }

  /** Signals it, and resolves when that is done. Never rejects. */
  async kill(signal: string): Promise<void> {
    await this.#options.signal?.(signal).catch(() => {});
  }

  async resize(size: TerminalSize): Promise<void> {
    await this.#options.resize?.(size);
  }

  /** How it ended; undefined while it runs. Rejects when nobody can tell. */
  findExit(): Promise<RawExit | undefined> {
    return this.#options.findExit();
  }

  /** Milliseconds since anything came; 0 while a slow reader holds up what may be there. */
  get quietMs(): number {
    return this.#options.connection.isPaused() ? 0 : performance.now() - this.#lastHeardAt;
  }

  /** Gives its line up. */
  lose(reason: string): void {
    this.#lostReason ??= reason;
    this.#options.connection.destroy();
  }

  close(): void {
    this.#closed = true;
    this.#options.connection.destroy();
  }

  #take(chunk: Buffer): void {
    this.#lastHeardAt = performance.now();
    if (this.#options.terminal) this.stdout.add(chunk);
    else {
      try {
        this.#parser.push(chunk);
      } catch (error) {
        this.#options.connection.destroy(error as Error);
        return;
      }
    }
    if (this.#hasEnded || (!this.stdout.isFull && !this.stderr.isFull)) return;
    this.#options.connection.pause();
    this.#watch ??= setTimeout(() => void this.#lookWhilePaused(), exitPollMs);
  }

  #resume(): void {
    if (!this.#hasEnded && (this.stdout.isFull || this.stderr.isFull)) return;
    clearTimeout(this.#watch);
    this.#watch = undefined;
    this.#options.connection.resume();
  }

  async #lookWhilePaused(): Promise<void> {
    const exit = await this.#options.findExit().catch(() => undefined);
    if (this.#watch === undefined) return;
    this.#watch = undefined;
    if (exit === undefined) {
      this.#watch = setTimeout(() => void this.#lookWhilePaused(), exitPollMs);
      return;
    }
    this.#hasEnded = true;
    this.#resume();
  }

  async #follow(): Promise<RawExit> {
    const problem = await untilEnd(this.#options.connection);
    clearTimeout(this.#watch);
    const isWhole = problem === undefined && (this.#options.terminal || this.#parser.isBetweenFrames);
    const exit = await this.#judge(isWhole, problem);
    for (const stream of [this.stdout, this.stderr]) {
      if (isWhole) stream.push(null);
      else stream.destroy(problem);
    }
    this.#options.connection.destroy();
    return exit;
  }

  async #judge(isWhole: boolean, problem: Error | undefined): Promise<RawExit> {
    if (this.#closed) return { type: 'lost', reason: 'the connection was closed' };
    if (this.#lostReason !== undefined) return { type: 'lost', reason: this.#lostReason };
    if (!isWhole) return { type: 'lost', reason: problem?.message ?? 'the connection was cut' };
    const giveUpAt = performance.now() + exitPatienceMs;
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, exitPollMs)) {
      try {
        const exit = await this.#options.findExit();
        if (exit !== undefined) return exit;
      } catch (error) {
        return { type: 'lost', reason: (error as Error).message };
      }
      if (performance.now() > giveUpAt) return { type: 'lost', reason: 'the connection was cut while it ran' };
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function toStdin(connection: Duplex, terminal: boolean): Writable {
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (connection.destroyed) done(new Error('the connection is gone'));
      else connection.write(chunk, done);
    },
    writev: (chunks, done) => {
      if (connection.destroyed) done(new Error('the connection is gone'));
      else writeTogether(connection, chunks, done);
    },
    final: (done) => {
      if (terminal || connection.destroyed) done();
      else connection.end(done);
    },
  });
  stdin.on('error', () => {});
  connection.on('close', () => stdin.destroy());
  return stdin;
}

/** Writes pieces with one system call and no copy, as far as the connection can. */
function writeTogether(
  connection: Duplex,
  chunks: readonly { readonly chunk: Uint8Array }[],
  done: (error?: Error | null) => void,
): void {
  connection.cork();
  for (const [index, { chunk }] of chunks.entries()) {
    if (index < chunks.length - 1) connection.write(chunk);
    else connection.write(chunk, done);
  }
  connection.uncork();
}

/** Resolves at the end of the connection, with the error when it broke. */
function untilEnd(connection: Duplex): Promise<Error | undefined> {
  return new Promise((resolve) => {
    connection.on('end', () => resolve(undefined));
    connection.on('error', (error) => resolve(error));
    connection.on('close', () => resolve(new Error('the connection was cut')));
  });
}
