import type { IncomingHttpHeaders } from 'node:http';
import { abortedError, RecacError } from '@recac/engine-core';
import { delay, Limiter } from '@recac/engine-kit';
import type { WebSocket } from 'ws';
import type { ClusterAccess, ClusterCredentials } from '../cluster/cluster-access.ts';
import { ApiAgent, usesSameConnection } from './api-agent.ts';
import { type ApiAnswer, BrokenAnswerError, readText, toRetryAfterMs } from './api-answer.ts';
import type { ApiClient, ApiRequest, UpgradeRequest } from './api-client.ts';
import { toApiError } from './api-error.ts';
import { CallDeadline } from './call-deadline.ts';
import { isBrokenConnection, isRefusedConnection, toConnectionError } from './connection-error.ts';
import { openWebSocket } from './open-web-socket.ts';
import { parseAnswer } from './parse-answer.ts';
import { describeRequest } from './request-target.ts';
import { sendRequest } from './send-request.ts';
import { toLines } from './text-lines.ts';
import { Throttle } from './throttle.ts';

interface AnyAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

interface Sending<Answer extends AnyAnswer> {
  readonly call: CallDeadline;
  readonly request: Pick<ApiRequest, 'path' | 'query' | 'onBusy'>;
  readonly send: (credentials: ClusterCredentials, agent: ApiAgent) => Promise<Answer>;
  readonly read: (answer: Answer) => Promise<string>;
}

const concurrentCalls = 32;
/** A credential plugin that waits for a person ends itself before. */
const longestLoginMs = 330_000;
const defaultTimeoutMs = 30_000;
const retryPausesMs = [100, 400, 1_500, 3_000];
const busyPauseMs = 1_000;
const passingStatus = new Set([500, 502, 503, 504]);

/** {@link ApiClient} over kept HTTP/1.1 connections. */
export class HttpApiClient implements ApiClient {
  readonly access: ClusterAccess;
  readonly #limiter = new Limiter(concurrentCalls);
  readonly #throttle = new Throttle();
  readonly #calls = new Set<CallDeadline>();
  readonly #sockets = new Set<WebSocket>();
  #agent: { readonly credentials: ClusterCredentials; readonly agent: ApiAgent } | undefined;
  #reached = false;
  #closed = false;

  constructor(access: ClusterAccess) {
    this.access = access;
  }

  async request<Answer>(request: ApiRequest): Promise<Answer> {
    const call = this.#begin(request);
    try {
      return (await this.#limiter.run(() => this.#retry(request, call), call.signal)) as Answer;
    } catch (error) {
      throw this.#toError(error, request, call);
    } finally {
      this.#end(call);
    }
  }

  async *lines(request: Omit<ApiRequest, 'timeoutMs' | 'idempotent'>): AsyncGenerator<string, void, void> {
    const call = this.#begin(request);
    let answer: ApiAnswer | undefined;
    try {
      answer = await this.#exchange(request, call, false);
      if (answer.status < 200 || answer.status > 299) throw toApiError(answer.status, await readText(answer), request);
      call.lift();
      yield* toLines(answer.body);
    } catch (error) {
      throw this.#toError(error, request, call);
    } finally {
      answer?.body.destroy();
      this.#end(call);
    }
  }

  async upgrade(request: UpgradeRequest): Promise<WebSocket> {
    const call = this.#begin(request);
    try {
      const { server } = this.access;
      const { status, text, socket } = await this.#negotiate({
        call,
        request,
        send: (credentials, agent) => openWebSocket(request, { server, agent, credentials, signal: call.signal }),
        read: async (answer) => answer.text,
      });
      if (socket === undefined) throw toApiError(status, text, request);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      return socket;
    } catch (error) {
      throw this.#toError(error, request, call);
    } finally {
      this.#end(call);
    }
  }

  suspect(): void {
    this.#agent?.agent.dropIdle();
  }

  close(): void {
    this.#closed = true;
    for (const call of this.#calls) call.end(abortedError('a call of the API server', 'the client was closed'));
    for (const socket of this.#sockets) socket.terminate();
    this.#agent?.agent.destroy();
    this.#agent = undefined;
  }

  #begin(request: Pick<ApiRequest, 'path' | 'query' | 'signal' | 'timeoutMs'>): CallDeadline {
    const { signal, timeoutMs = defaultTimeoutMs } = request;
    const server = this.access.server.origin;
    const call = new CallDeadline({ what: describeRequest(request), timeoutMs, signal, server });
    if (this.#closed) call.end(abortedError(describeRequest(request), 'the client was closed'));
    this.#calls.add(call);
    return call;
  }

  #end(call: CallDeadline): void {
    call.done();
    this.#calls.delete(call);
  }

  /** Tries until there is a whole answer, as long as trying again does no harm. */
  async #retry(request: ApiRequest, call: CallDeadline): Promise<unknown> {
    const { method, idempotent = method === 'GET' || method === 'PUT' || method === 'DELETE' } = request;
    for (const pauseMs of [...retryPausesMs, undefined]) {
      try {
        const answer = await this.#exchange(request, call, true);
        const text = await readText(answer);
        if (answer.status === 503) this.#throttle.pause(Math.min(toRetryAfterMs(answer) ?? 0, 10_000));
        return parseAnswer(answer, text, request);
      } catch (error) {
        const again = isRefusedConnection(error) ? this.#reached : idempotent && isPassing(error);
        if (call.signal.aborted || pauseMs === undefined || !again || pauseMs > call.deadline.remainingMs) throw error;
        await delay(pauseMs * (0.5 + Math.random() / 2), call.signal);
      }
    }
    throw new Error('unreachable');
  }

  #exchange(request: Omit<ApiRequest, 'signal'>, call: CallDeadline, packed: boolean): Promise<ApiAnswer> {
    const { server } = this.access;
    return this.#negotiate({
      call,
      request,
      send: (credentials, agent) => sendRequest(request, { server, agent, credentials, packed, signal: call.signal }),
      read: (answer) => readText(answer),
    });
  }

  /** Sends once more after a 401, with renewed credentials, and as often as a busy server asks for it (429). */
  async #negotiate<Answer extends AnyAnswer>({ call, request, send, read }: Sending<Answer>): Promise<Answer> {
    const { signal } = call;
    let rejected: ClusterCredentials | undefined;
    for (;;) {
      signal.throwIfAborted();
      if (!(await this.#throttle.passed(call.deadline, signal))) throw toApiError(429, '', request);
      const asked = { signal, ...(rejected && { rejected }) };
      const credentials = await call.hold(longestLoginMs, () => this.access.credentials(asked));
      signal.throwIfAborted();
      const answer = await send(credentials, this.#agentFor(credentials));
      this.#reached = true;
      if (answer.status === 401 && rejected === undefined) {
        rejected = credentials;
        await read(answer);
      } else if (answer.status === 429) {
        const waitMs = toRetryAfterMs(answer) ?? busyPauseMs;
        const text = await read(answer);
        this.#throttle.pause(waitMs);
        request.onBusy?.();
        if (waitMs > call.deadline.remainingMs) throw toApiError(429, text, request);
      } else return answer;
    }
  }

  #agentFor(credentials: ClusterCredentials): ApiAgent {
    if (this.#agent !== undefined && usesSameConnection(this.#agent.credentials, credentials)) return this.#agent.agent;
    const agent = new ApiAgent(this.access, credentials);
    this.#agent?.agent.retire();
    this.#agent = { credentials, agent };
    return agent;
  }

  #toError(error: unknown, request: Pick<ApiRequest, 'path' | 'query'>, call: CallDeadline): RecacError {
    if (!RecacError.isInstance(error) || call.hasPassed) this.suspect();
    if (call.signal.aborted) return call.signal.reason;
    return toConnectionError(error, describeRequest(request), this.access);
  }
}

function isPassing(error: unknown): boolean {
  if (RecacError.isInstance(error)) return passingStatus.has(error.details.status as number);
  return error instanceof BrokenAnswerError || isBrokenConnection(error);
}
