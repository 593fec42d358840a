import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import type { Fault } from './fault.ts';

/** What a connection through the proxy needs. */
export interface FaultyConnectionOptions {
  /** Path of the daemon's socket. */
  readonly daemonPath: string;
  /** Called with `METHOD /path` of each request; gives what shall happen to it. */
  readonly onRequest: (request: string) => Fault | undefined;
}

const requestLine = /^(GET|POST|DELETE|PUT|HEAD) (\S+) HTTP\/1\.1\r\n/;

/** One connection of a client to the daemon, and what is broken on it. */
export class FaultyConnection {
  readonly #client: Socket;
  readonly #daemon: Socket;
  readonly #onRequest: (request: string) => Fault | undefined;
  #fault: Fault | undefined;
  #delivered = 0;
  #isStream = false;
  #isSilent = false;

  constructor(client: Socket, { daemonPath, onRequest }: FaultyConnectionOptions) {
    this.#client = client;
    this.#daemon = connect({ path: daemonPath, allowHalfOpen: true });
    this.#onRequest = onRequest;
    client.on('data', (chunk) => this.#fromClient(chunk));
    this.#daemon.on('data', (chunk) => this.#fromDaemon(chunk));
    for (const [one, other] of [
      [client, this.#daemon],
      [this.#daemon, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.on('end', () => this.#isSilent || other.end());
    }
  }

  /** Breaks it at once, without an end. */
  destroy(): void {
    this.#client.destroy();
    this.#daemon.destroy();
  }

  /** From now on nothing is forwarded, either way, and it stays open. */
  silence(): void {
    this.#isSilent = true;
  }

  #fromClient(chunk: Buffer): void {
    const request = this.#isStream ? null : requestLine.exec(chunk.toString('latin1'));
    if (request) {
      this.#fault = this.#onRequest(`${request[1]} ${request[2]}`);
      this.#delivered = 0;
    }
    const fault = this.#fault;
    if (this.#isSilent || fault?.type === 'hold') return;
    if (fault?.type === 'drop') this.destroy();
    else if (fault?.type === 'answer') {
      if (request) this.#client.write(toAnswer(fault.status, fault.message));
    } else if (fault?.type === 'delay') setTimeout(() => this.#daemon.write(chunk), fault.ms);
    else forward(chunk, this.#client, this.#daemon);
  }

  #fromDaemon(chunk: Buffer): void {
    const fault = this.#fault;
    if (chunk.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101') this.#isStream = true;
    if (this.#isSilent || fault?.type === 'swallow') return;
    if (fault?.type === 'lose') {
      this.destroy();
      return;
    }
    if (fault?.type === 'split') {
      for (let at = 0; at < chunk.length; at += 1) this.#client.write(chunk.subarray(at, at + 1));
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
}

function forward(chunk: Buffer, from: Socket, to: Socket): void {
  if (to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

function toAnswer(status: number, message: string): string {
  const body = JSON.stringify({ message });
  const headers = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status} Fault\r\n${headers}\r\n\r\n${body}`;
}
