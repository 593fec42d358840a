import { Buffer } from 'node:buffer';
import { http } from '@recac/engine-kit';
import type { ClusterCredentials } from '../cluster/cluster-access.ts';
import type { ApiAgent } from './api-agent.ts';
import { type ApiAnswer, toApiAnswer } from './api-answer.ts';
import type { ApiRequest } from './api-client.ts';

/** What a request is sent with. */
export interface SendOptions {
  /** Address of the API server. */
  readonly server: URL;
  /** Connections to it. */
  readonly agent: ApiAgent;
  /** Whose headers to send. */
  readonly credentials: ClusterCredentials;
  /** Whether the answer may be packed. */
  readonly packed: boolean;
  /** Cancels the request, and the reading of its answer. */
  readonly signal: AbortSignal;
}

type Sent = Pick<ApiRequest, 'method' | 'path' | 'query' | 'body' | 'contentType' | 'accept'>;

/** Sends one request once. Gives any answer, whatever its status; rejects as Node does when there is none. Redirects are not followed. */
export function sendRequest(
  { method, body, contentType = 'application/json', accept = 'application/json', ...target }: Sent,
  { server, agent, credentials, packed, signal }: SendOptions,
): Promise<ApiAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    Host: server.host,
    'User-Agent': 'recac',
    Accept: accept,
    'Accept-Encoding': packed ? 'gzip' : 'identity',
    ...(text === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) }),
    ...credentials.headers,
  };
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, method, path: toRequestPath(server, target), headers, signal });
    request.once('response', (message) => resolve(toApiAnswer(message)));
    request.once('upgrade', (_message, socket) => {
      socket.destroy();
      reject(Object.assign(new Error('the server changed the protocol'), { code: 'HPE_UPGRADE' }));
    });
    request.on('error', reject);
    request.end(text);
  });
}

/** Path and query as they are sent, the server's path prefix included. */
export function toRequestPath(server: URL, { path, query = {} }: Pick<ApiRequest, 'path' | 'query'>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const item of typeof value === 'string' ? [value] : value) parameters.append(name, item);
  }
  const search = parameters.toString();
  return `${server.pathname.replace(/\/+$/, '')}${path}${search === '' ? '' : `?${search}`}`;
}
