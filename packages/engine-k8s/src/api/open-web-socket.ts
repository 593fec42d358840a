import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { RecacError } from '@recac/engine-core';
import { WebSocket } from 'ws';
import type { ClusterCredentials } from '../cluster/cluster-access.ts';
import type { ApiAgent } from './api-agent.ts';
import { readText, toApiAnswer } from './api-answer.ts';
import type { UpgradeRequest } from './api-client.ts';
import { toRequestPath } from './send-request.ts';

/** What a WebSocket is opened with. */
export interface OpenOptions {
  /** Address of the API server. */
  readonly server: URL;
  /** Connections to it. */
  readonly agent: ApiAgent;
  /** Whose headers to send. */
  readonly credentials: ClusterCredentials;
  /** Cancels the handshake; without effect once the WebSocket is open. */
  readonly signal: AbortSignal;
}

/** An open WebSocket (status 101), or the answer that refused it. */
export interface UpgradeAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Headers; empty when it is open. */
  readonly headers: IncomingHttpHeaders;
  /** The refusal's body. */
  readonly text: string;
  /** The WebSocket, paused. */
  readonly socket?: WebSocket;
}

const largestRefusal = 65_536;
const largestMessage = 16 * 1_048_576;

/** Upgrades a connection to a WebSocket, once. Rejects as Node does when there is no answer. */
export function openWebSocket(
  { protocols, ...target }: Pick<UpgradeRequest, 'path' | 'query' | 'protocols'>,
  { server, agent, credentials, signal }: OpenOptions,
): Promise<UpgradeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<UpgradeAnswer>();
  // The agent does TLS and the proxy's tunnel: to ws every server is a plain one.
  const socket = new WebSocket(`ws://${server.host}${toRequestPath(server, target)}`, [...protocols], {
    agent,
    headers: { 'User-Agent': 'recac', ...credentials.headers },
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: largestMessage,
  });
  const giveUp = (): void => {
    socket.terminate();
    reject(signal.reason);
  };
  const refuse = (error: Error): void => reject(toHandshakeError(error, protocols));
  socket.on('error', refuse);
  socket.once('open', () => {
    socket.pause();
    resolve({ status: 101, headers: {}, text: '', socket });
  });
  socket.once('unexpected-response', (_request, message) => {
    readRefusal(message).then(resolve, reject);
  });
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  return promise.finally(() => {
    signal.removeEventListener('abort', giveUp);
  });
}

async function readRefusal(message: IncomingMessage): Promise<UpgradeAnswer> {
  const answer = toApiAnswer(message);
  try {
    return { status: answer.status, headers: answer.headers, text: await readText(answer, largestRefusal) };
  } catch {
    return { status: answer.status, headers: answer.headers, text: '' };
  } finally {
    message.destroy();
  }
}

function toHandshakeError(error: Error, protocols: readonly string[]): Error {
  if (!/subprotocol/.test(error.message)) return error;
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `the API server knows none of the stream protocols ${protocols.join(', ')}. Update the cluster, or the proxy before it.`,
    { cause: error, details: { reason: 'Subprotocol', protocols } },
  );
}
