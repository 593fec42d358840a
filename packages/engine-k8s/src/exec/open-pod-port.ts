import type { Buffer } from 'node:buffer';
import { type PortConnection, RecacError } from '@recac/engine-core';
import { findListenerScript, OutputStream } from '@recac/engine-kit';
import type { WebSocket } from 'ws';
import type { ApiClient } from '../api/api-client.ts';
import { encodeFrame } from './exec-channel.ts';
import { openPodProcess, type PodAddress } from './open-pod-process.ts';
import { SocketPulse } from './socket-pulse.ts';

/** Channels of a forwarded port: its data, and the kubelet's words when it cannot connect. */
const channel = { data: 0, error: 1 } as const;
const protocols = ['v4.channel.k8s.io'];
const openDeadlineMs = 10_000;
const largestFrame = 32_768;
/** What a WebSocket that is closed in order ends with: 1000, or nothing. A server that stops says 1001, and a line that is cut nothing at all. */
const orderlyCodes: readonly number[] = [1000, 1005];

/**
 * Connects to a port on the loopback address of a pod. One WebSocket for each connection: the multiplexed form is SPDY inside. The first message of either
 * channel only repeats the port.
 */
export async function openPodPort(
  client: ApiClient,
  address: PodAddress,
  port: number,
  signal: AbortSignal,
): Promise<PortConnection> {
  const { namespace, pod } = address;
  if (!(await isListening(client, address, port, signal))) throw nothingThere(port, 'nothing listens there');
  const socket = await client.upgrade({
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/portforward`,
    query: { ports: String(port) },
    protocols,
    timeoutMs: openDeadlineMs,
    signal,
  });
  return new ForwardedConnection(socket, port, () => client.suspect());
}

/** The kubelet takes every connection, and only says later that nobody was there. */
async function isListening(
  client: ApiClient,
  address: PodAddress,
  port: number,
  signal: AbortSignal,
): Promise<boolean> {
  const argv = ['sh', '-c', `${findListenerScript} _rclistens "$1"`, 'recac', String(port)];
  const process = await openPodProcess(client, address, { argv }, signal);
  process.stdout.resume();
  process.stderr.resume();
  const exit = await process.exited;
  return exit.type !== 'exited' || exit.code === 0;
}

function nothingThere(port: number, reason: string): RecacError {
  return new RecacError(
    'RECAC_EXEC_FAILED',
    `nothing could be reached on port ${port} in the environment: ${reason}. Start the server first.`,
    { details: { port, reason } },
  );
}

function lineBroke(port: number, reason: string): RecacError {
  const text = `the connection to port ${port} in the environment broke before its server ended it: ${reason}. What came may be incomplete: connect again.`;
  return new RecacError('RECAC_EXEC_FAILED', text, { details: { port, reason } });
}

/** Only a closing frame is the server's end: the kubelet sends one when the server has closed, and whatever else ends the line has cut it. */
class ForwardedConnection implements PortConnection {
  readonly output: OutputStream;
  readonly #socket: WebSocket;
  readonly #port: number;
  readonly #pulse: SocketPulse;
  readonly #named = new Set<number>();
  #problem: Error | undefined;
  #isDisposed = false;

  constructor(socket: WebSocket, port: number, onSilent: () => void) {
    this.#socket = socket;
    this.#port = port;
    this.output = new OutputStream(() => this.#resume());
    this.output.on('error', () => {});
    const giveUp = (reason: string): void => {
      onSilent();
      this.#problem ??= lineBroke(port, reason);
      socket.terminate();
    };
    this.#pulse = new SocketPulse(socket, giveUp, { waitsForTaker: true });
    socket.on('message', (data) => this.#take(data as Buffer));
    socket.on('error', (error) => {
      this.#problem ??= lineBroke(port, error.message);
    });
    socket.on('close', (code) => this.#finish(code));
    socket.resume();
  }

  write(data: Uint8Array): Promise<void> {
    const frames: Promise<void>[] = [];
    for (let at = 0; at < data.length; at += largestFrame)
      frames.push(this.#send(data.subarray(at, at + largestFrame)));
    return Promise.all(frames).then(() => undefined);
  }

  /** The protocol cannot end one direction alone: the other end sees the end of the connection when it is disposed. */
  async end(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#socket.terminate();
  }

  #resume(): void {
    if (!this.#socket.isPaused) return;
    this.#pulse.resume();
    this.#socket.resume();
  }

  #finish(code: number): void {
    this.#pulse.stop();
    const isWhole = this.#isDisposed || orderlyCodes.includes(code);
    const problem = this.#problem ?? (isWhole ? undefined : lineBroke(this.#port, `it was closed with ${code}`));
    if (problem) this.output.destroy(problem);
    else this.output.push(null);
  }

  #take(data: Buffer): void {
    this.#pulse.hear();
    const number = data[0] ?? -1;
    if (!this.#named.has(number)) {
      this.#named.add(number);
      return;
    }
    const bytes = data.subarray(1);
    if (number === channel.data) this.output.add(bytes);
    else if (number === channel.error && bytes.length > 0) {
      this.#problem = nothingThere(this.#port, bytes.toString('utf8'));
      this.#socket.terminate();
    }
    if (this.output.isFull) this.#socket.pause();
  }

  #send(bytes: Uint8Array): Promise<void> {
    this.#pulse.feed();
    return new Promise((resolve, reject) => {
      const gone = (cause?: Error): RecacError =>
        new RecacError('RECAC_EXEC_FAILED', 'the connection to the port is gone. Connect again.', { cause });
      if (this.#socket.readyState !== this.#socket.OPEN) reject(gone());
      else
        this.#socket.send(encodeFrame(channel.data, bytes), { binary: true }, (error) =>
          error ? reject(gone(error)) : resolve(),
        );
    });
  }
}
