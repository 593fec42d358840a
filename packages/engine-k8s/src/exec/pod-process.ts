import { Buffer } from 'node:buffer';
import { Writable } from 'node:stream';
import type { TerminalSize } from '@recac/engine-core';
import { OutputStream, type RawExit, type RawProcess } from '@recac/engine-kit';
import type { WebSocket } from 'ws';
import { type ExecEnd, encodeFrame, execChannel, halfCloseProtocol, readExecEnd, toRawExit } from './exec-channel.ts';
import { SocketPulse } from './socket-pulse.ts';

/** Largest piece of stdin in one message: the server drops connections with messages of many MiB. */
const largestFrame = 32_768;

/** What a process in a pod is made of. */
export interface PodProcessOptions {
  /** The open exec, paused. */
  readonly socket: WebSocket;
  /** It has a terminal. */
  readonly terminal: boolean;
  /** Signals it. Default: nothing happens. */
  readonly signal?: (signal: string) => void;
  /** Called once when its connection is given up after a silence. */
  readonly onSilent: () => void;
}

/**
 * A process in a pod, over one WebSocket. Only the status that the server writes after the last output says how it ended; a connection that ends without
 * one is lost, however politely. Back-pressure of a slow reader stops the connection.
 */
export class PodProcess implements RawProcess {
  readonly stdin: Writable;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly exited: Promise<RawExit>;
  readonly #socket: WebSocket;
  readonly #options: PodProcessOptions;
  readonly #exit = Promise.withResolvers<RawExit>();
  readonly #pulse: SocketPulse;
  #end: ExecEnd | undefined;
  #statusText = '';
  #problem: Error | undefined;
  #closed = false;
  #outputAt = performance.now();

  constructor(options: PodProcessOptions) {
    const { socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.stdout = new OutputStream(() => this.#resume());
    this.stderr = new OutputStream(() => this.#resume());
    for (const stream of [this.stdout, this.stderr]) stream.on('error', () => {});
    this.stdin = this.#createStdin();
    this.exited = this.#exit.promise;
    socket.on('message', (data) => this.#take(data as Buffer));
    socket.on('error', (error) => {
      this.#problem = error;
    });
    socket.on('close', () => this.#finish());
    this.#pulse = new SocketPulse(socket, (reason) => {
      options.onSilent();
      this.lose(reason);
    });
    socket.resume();
  }

  signal(signal: string): void {
    this.#options.signal?.(signal);
  }

  async resize({ columns, rows }: TerminalSize): Promise<void> {
    await this.#send(execChannel.resize, Buffer.from(JSON.stringify({ Width: columns, Height: rows }))).catch(() => {});
  }

  /** Milliseconds since its output was last heard of; 0 while the reader does not take any. */
  get quietMs(): number {
    return this.#socket.isPaused ? 0 : performance.now() - this.#outputAt;
  }

  /** Ends it as lost: what tells so is outside of the connection. */
  lose(reason: string): void {
    this.#problem = new Error(reason);
    this.#socket.terminate();
  }

  close(): void {
    this.#closed = true;
    if (this.#pulse.isSuspicious) this.#options.onSilent();
    this.#socket.terminate();
  }

  #take(data: Buffer): void {
    this.#pulse.hear();
    this.#outputAt = performance.now();
    const channel = data[0];
    const bytes = data.subarray(1);
    if (channel === execChannel.stdout) this.stdout.add(bytes);
    else if (channel === execChannel.stderr) this.stderr.add(bytes);
    else if (channel === execChannel.status) this.#takeStatus(bytes);
    if (this.stdout.isFull || this.stderr.isFull) this.#socket.pause();
  }

  /** Nothing follows a status: the server closes the connection, but need not do so soon. */
  #takeStatus(bytes: Buffer): void {
    this.#statusText += bytes.toString('utf8');
    const end = readExecEnd(this.#statusText);
    this.#end = end;
    this.#socket.close();
  }

  #resume(): void {
    if (this.stdout.isFull || this.stderr.isFull || !this.#socket.isPaused) return;
    this.#pulse.resume();
    this.#outputAt = performance.now();
    this.#socket.resume();
  }

  #finish(): void {
    this.#pulse.stop();
    const exit = this.#closed
      ? toRawExit(undefined, 'the connection was closed')
      : toRawExit(this.#end, this.#problem?.message ?? 'the connection was cut');
    const isWhole = this.#end?.type === 'exited' && !this.#closed;
    for (const stream of [this.stdout, this.stderr]) {
      if (isWhole) stream.push(null);
      else stream.destroy(this.#problem);
    }
    this.stdin.destroy();
    this.#exit.resolve(exit);
  }

  #createStdin(): Writable {
    const stdin = new Writable({
      write: (chunk: Buffer, _encoding, done) => void this.#feed(chunk).then(() => done(), done),
      final: (done) => {
        // With an older protocol only the end of the whole connection would tell, which would take the output along.
        if (this.#socket.protocol !== halfCloseProtocol || this.#options.terminal) done();
        else
          this.#send(execChannel.close, Buffer.from([execChannel.stdin])).then(
            () => done(),
            () => done(),
          );
      },
    });
    stdin.on('error', () => {});
    return stdin;
  }

  async #feed(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += largestFrame) {
      await this.#send(execChannel.stdin, chunk.subarray(at, at + largestFrame));
    }
  }

  /** Resolves when the bytes are with the operating system. */
  #send(channel: number, bytes: Uint8Array): Promise<void> {
    if (channel === execChannel.stdin) this.#pulse.feed();
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== this.#socket.OPEN) reject(new Error('the connection is gone'));
      else
        this.#socket.send(encodeFrame(channel, bytes), { binary: true }, (error) =>
          error ? reject(error) : resolve(),
        );
    });
  }
}
