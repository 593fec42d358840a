import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { ChunkedLines, lastChunk, toChunk } from './chunked-lines.ts';
import type { Fault } from './fault.ts';
import { closeFrame, WebSocketFrames } from './web-socket-frames.ts';

/** What a connection through the proxy needs. */
export interface FaultyConnectionOptions {
  /** The connection to the daemon, which may still be on its way. */
  readonly daemon: Duplex;
  /** Destroys the client's end, as abruptly as its kind of socket allows. */
  readonly reset: () => void;
  /** Called with `METHOD /path` of each request; gives what shall happen to it. */
  readonly onRequest: (request: string) => Fault | undefined;
}

const requestLine = /^(GET|POST|DELETE|PUT|PATCH|HEAD) (\S+) HTTP\/1\.1\r\n/;

/** One connection of a client to the daemon, and what is broken on it. */
export class FaultyConnection {
  readonly #client: Duplex;
  readonly #daemon: Duplex;
  readonly #reset: () => void;
  readonly #onRequest: (request: string) => Fault | undefined;
  #fault: Fault | undefined;
  #delivered = 0;
  #head = Buffer.alloc(0);
  #isStream = false;
  #isSilent = false;
  #frames: WebSocketFrames | undefined;
  #lines = new ChunkedLines();

  constructor(client: Duplex, { daemon, reset, onRequest }: FaultyConnectionOptions) {
    this.#client = client;
    this.#daemon = daemon;
    this.#reset = reset;
    this.#onRequest = onRequest;
    client.on('data', (chunk) => this.#fromClient(chunk));
    daemon.on('data', (chunk) => this.#fromDaemon(chunk));
    for (const [one, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      one.on('error', () => this.#isLate(other) || other.destroy());
      one.on('close', () => this.#isLate(other) || other.destroy());
      one.on('end', () => this.#isSilent || this.#isLate(other) || other.end());
    }
  }

  /** Breaks it at once, without an end. */
  destroy(): void {
    this.#reset();
    this.#daemon.destroy();
  }

  /** From now on nothing is forwarded, either way, and it stays open. */
  silence(): void {
    this.#isSilent = true;
  }

  /** The daemon's end outlives the client of a request that is still on its way. */
  #isLate(end: Duplex): boolean {
    return end === this.#daemon && this.#fault?.type === 'late';
  }

  #fromClient(chunk: Buffer): void {
    const request = this.#isStream ? null : requestLine.exec(chunk.toString('latin1'));
    if (request) {
      this.#fault = this.#onRequest(`${request[1]} ${request[2]}`);
      this.#delivered = 0;
      this.#lines = new ChunkedLines();
    }
    const fault = this.#fault;
    if (this.#isSilent || fault?.type === 'hold') return;
    if (fault?.type === 'drop') this.destroy();
    else if (fault?.type === 'answer') {
      if (request) this.#client.write(toAnswer(fault));
    } else if (fault?.type === 'rewrite' && request) this.#daemon.write(rewrite(chunk, request[0], fault));
    else if (fault?.type === 'delay' || fault?.type === 'late') setTimeout(() => this.#daemon.write(chunk), fault.ms);
    else forward(chunk, this.#client, this.#daemon);
  }

  /** The daemon writes the head of an upgrade in several pieces. */
  #fromDaemon(piece: Buffer): void {
    const fault = this.#fault;
    const chunk = Buffer.concat([this.#head, piece]);
    this.#head = Buffer.alloc(0);
    if (chunk.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101') {
      this.#isStream = true;
      if ((fault?.type === 'truncate' || fault?.type === 'silence') && fault.ofStream) {
        const end = chunk.indexOf('\r\n\r\n');
        if (end === -1) {
          this.#head = chunk;
          return;
        }
        this.#delivered = -(end + 4);
      }
    }
    if (this.#isSilent || fault?.type === 'swallow') return;
    if (fault?.type === 'late') {
      this.#daemon.destroy();
      return;
    }
    if (fault?.type === 'lose') {
      this.destroy();
      return;
    }
    if (fault?.type === 'split') {
      for (let at = 0; at < chunk.length; at += 1) this.#client.write(chunk.subarray(at, at + 1));
      return;
    }
    if (fault?.type === 'close' || fault?.type === 'strip') {
      this.#byFrames(chunk, fault);
      return;
    }
    if (fault?.type === 'lines') {
      this.#byLines(chunk, fault);
      return;
    }
    const isLimited = fault?.type === 'truncate' || fault?.type === 'silence';
    if (isLimited && this.#delivered + chunk.length >= fault.afterBytes) {
      const last = chunk.subarray(0, fault.afterBytes - this.#delivered);
      this.#isSilent = true;
      if (fault.type === 'silence') this.#client.write(last);
      else if (fault.end === 'in order') this.#client.end(last);
      else this.#client.write(last, () => this.destroy());
      return;
    }
    this.#delivered += chunk.length;
    forward(chunk, this.#daemon, this.#client);
  }

  /** The answer to the upgrade passes as it is, which is a message of its own as far as the frames know. */
  #byFrames(chunk: Buffer, fault: Fault & { readonly type: 'close' | 'strip' }): void {
    this.#frames ??= new WebSocketFrames();
    for (const { bytes, channel } of this.#frames.take(chunk)) {
      if (fault.type === 'strip' && channel === fault.channel) continue;
      if (this.#isSilent) return;
      this.#client.write(bytes);
      this.#delivered += 1;
      if (fault.type !== 'close' || this.#delivered <= fault.afterFrames) continue;
      this.#isSilent = true;
      this.#client.end(closeFrame(fault.code));
    }
  }

  #byLines(chunk: Buffer, { change, end = true }: Fault & { readonly type: 'lines' }): void {
    for (const piece of this.#lines.take(chunk)) {
      if (piece.type === 'head') this.#client.write(piece.bytes);
      else if (piece.type === 'end') end && this.#client.write(lastChunk);
      else for (const line of change(piece.line)) this.#client.write(toChunk(`${line}\n`));
    }
  }
}

/** The request itself is as short as a piece of what a client writes. */
function rewrite(chunk: Buffer, line: string, { find, replacement }: Fault & { readonly type: 'rewrite' }): Buffer {
  return Buffer.concat([
    Buffer.from(line.replace(find, replacement), 'latin1'),
    chunk.subarray(Buffer.byteLength(line, 'latin1')),
  ]);
}

function forward(chunk: Buffer, from: Duplex, to: Duplex): void {
  if (to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

/** As the daemon or the API server words a refusal: Docker reads only `message` of it. */
function toAnswer({ status, message, reason, retryAfterSeconds }: Fault & { readonly type: 'answer' }): string {
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message, reason });
  const patience = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`;
  const headers = `${patience}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status} Fault\r\n${headers}\r\n\r\n${body}`;
}
