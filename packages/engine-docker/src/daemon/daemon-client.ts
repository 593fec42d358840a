import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import { abortedError, RecacError } from '@recac/engine-core';
import { delay, http, orAborted } from '@recac/engine-kit';
import type Dockerode from 'dockerode';
import type { DaemonTls } from './daemon-address.ts';
import type { DaemonAgent } from './daemon-agent.ts';
import { isPassing, toDaemonError } from './daemon-error.ts';
import { toRetryAfterMs } from './retry-after.ts';

/** How one call may be cut short. */
export interface DaemonCallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** Longest time until the answer, in milliseconds. Default: 30 000. `Infinity`: none, for calls that stream. */
  readonly deadlineMs?: number;
  /** Asking twice does no harm: answers 429, 500, 502 and 503 and broken connections are tried again, a few times, not before what `Retry-After` says (up to 10 s). Default: false. */
  readonly idempotent?: boolean;
}

/** What a daemon client is made of. */
export interface DaemonClientOptions {
  /** For REST. */
  readonly docker: Dockerode;
  /** For streams that take the connection over. */
  readonly agent: DaemonAgent;
  /** Where the daemon is, for messages. */
  readonly endpoint: string;
  /** It is Podman, which speaks Docker's API too. Default: false. */
  readonly podman?: boolean;
  /** Present where the connection is encrypted: for programs that are given the address. */
  readonly tls?: DaemonTls;
}

/** What upgrades share with the calls of dockerode; its types keep it private. */
interface Modem {
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
  dial(request: object, done: (error: Error | null, answer: unknown) => void): void;
}

const defaultDeadlineMs = 30_000;
const longestRetryPauseMs = [50, 200, 800];
/** However long an answer asks to wait. */
const longestPatienceMs = 10_000;

/** One daemon: REST through dockerode, streams through our own upgrade. Every call has a deadline and ends in a `RecacError`. */
export class DaemonClient {
  /** For REST calls inside `call`. */
  readonly docker: Dockerode;
  /** Where the daemon is, for messages. */
  readonly endpoint: string;
  /** It is Podman, which speaks Docker's API too. */
  readonly podman: boolean;
  /** How the connection is encrypted, where it is. */
  readonly tls: DaemonTls | undefined;
  readonly #agent: DaemonAgent;

  constructor({ docker, agent, endpoint, podman = false, tls }: DaemonClientOptions) {
    this.docker = docker;
    this.#agent = agent;
    this.endpoint = endpoint;
    this.podman = podman;
    this.tls = tls;
  }

  /** The version of the API that was agreed on: `1.41`. Undefined for a caller's client that names none. */
  get apiVersion(): string | undefined {
    return this.#modem.version?.replace(/^v/, '');
  }

  /**
   * Runs one call. `what` completes "the daemon could not …". `work` gets the signal to pass on; its rejection is translated: 401 and 403 to
   * `RECAC_PERMISSION_DENIED`, no connection and no answer in time to `RECAC_ENGINE_UNAVAILABLE`, the rest keeps its HTTP status in `details.status`.
   */
  async call<T>(
    what: string,
    work: (abortSignal: AbortSignal) => Promise<T>,
    { signal, deadlineMs = defaultDeadlineMs, idempotent = false }: DaemonCallOptions = {},
  ): Promise<T> {
    const ended = createQuietController();
    const expire = (): void => {
      ended.abort(noAnswer(what, this.endpoint, deadlineMs));
      this.#dropIdleConnections();
    };
    const timer = deadlineMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(expire, deadlineMs);
    const giveUp = (): void => ended.abort(abortedError(what, signal?.reason));
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      ended.signal.throwIfAborted();
      const attempt = (): Promise<T> => orAborted(work(ended.signal), ended.signal, what);
      return await (idempotent ? withRetries(attempt, ended.signal) : attempt());
    } catch (error) {
      if (ended.signal.aborted) throw ended.signal.reason;
      throw toDaemonError(error, what, this.endpoint);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Gets JSON, for what dockerode asks without a query or a signal. Tried again as idempotent calls are. Errors: as `call`. */
  get<T>(
    what: string,
    path: string,
    {
      query = {},
      ...options
    }: Omit<DaemonCallOptions, 'idempotent'> & { readonly query?: Readonly<Record<string, string>> } = {},
  ): Promise<T> {
    const ask = (abortSignal: AbortSignal): Promise<T> =>
      new Promise((resolve, reject) => {
        const request = {
          path: `${path}?`,
          method: 'GET',
          options: { ...query },
          abortSignal,
          statusCodes: { 200: true },
        };
        this.#modem.dial(request, (error, answer) => (error ? reject(error) : resolve(answer as T)));
      });
    return this.call(what, ask, { ...options, idempotent: true });
  }

  /**
   * Posts and takes the connection over once the daemon has answered 101: nothing is written before, because the daemon drops what comes earlier.
   * The stream is the caller's to destroy.
   */
  upgrade(what: string, path: string, body: unknown, options: DaemonCallOptions = {}): Promise<Duplex> {
    return this.call(what, (abortSignal) => this.#upgrade(path, body, abortSignal), options);
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  get #modem(): Modem {
    return (this.docker as unknown as { readonly modem: Modem }).modem;
  }

  /** Connections that were kept may be as dead as the one that gave no answer. */
  #dropIdleConnections(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  #upgrade(path: string, body: unknown, signal: AbortSignal): Promise<Duplex> {
    const { version, headers } = this.#modem;
    const text = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = http.request({
        agent: this.#agent,
        method: 'POST',
        path: version === undefined ? path : `/${version}${path}`,
        headers: {
          ...headers,
          Host: 'docker',
          Connection: 'Upgrade',
          Upgrade: 'tcp',
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(text),
        },
      });
      const giveUp = (): void => {
        request.destroy();
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      request.on('upgrade', (_response, socket, head) => {
        signal.removeEventListener('abort', giveUp);
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => reject(toHttpError(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
      });
      request.on('error', reject);
      request.end(text);
    });
  }
}

/** Its signal is written out as a word, for the reason that `DaemonAgent` is. */
function createQuietController(): AbortController {
  const controller = new AbortController();
  Object.defineProperty(controller.signal, inspect.custom, { value: () => 'AbortSignal' });
  return controller;
}

function toHttpError(statusCode: number, text: string): Error {
  let message = text.trim();
  try {
    message = (JSON.parse(text) as { readonly message?: string }).message ?? message;
  } catch {}
  return Object.assign(new Error(message), { statusCode, json: { message } });
}

function noAnswer(what: string, endpoint: string, deadlineMs: number): RecacError {
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `${what}: the daemon at ${endpoint} gave no answer within ${deadlineMs} ms. It may be stuck: look at its log, or restart it.`,
    { details: { endpoint, deadlineMs, stuck: true } },
  );
}

/** Pauses as the answer says, or at random up to a limit that grows, so that many clients do not come back at the same time. */
async function withRetries<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const longestMs of longestRetryPauseMs) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      await delay(Math.min(toRetryAfterMs(error) ?? Math.random() * longestMs, longestPatienceMs), signal);
      signal.throwIfAborted();
    }
  }
  return attempt();
}
