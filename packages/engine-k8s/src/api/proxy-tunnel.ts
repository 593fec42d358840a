import { Buffer } from 'node:buffer';
import type { RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { RecacError } from '@recac/engine-core';
import { http } from '@recac/engine-kit';
import { toServerWords } from './server-words.ts';

/** Where a tunnel leads. */
export interface TunnelTarget {
  /** Host name or address, an IPv6 address without brackets. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** Longest wait for the proxy's answer, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Opens a byte stream to a host through an HTTP or HTTPS proxy (`CONNECT`). User name and password in the proxy's address are sent to the proxy, and shown to
 * nobody. Errors: `RECAC_ENGINE_UNAVAILABLE`, naming the proxy.
 */
export function openTunnel(proxy: URL, { host, port, timeoutMs }: TunnelTarget): Promise<Duplex> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const options: RequestOptions = {
    method: 'CONNECT',
    host: toHost(proxy),
    port: toPort(proxy),
    path: authority,
    headers: { Host: authority, ...toAuthorization(proxy) },
    agent: false,
    timeout: timeoutMs,
  };
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? httpsRequest : http.request)(options);
    request.once('connect', ({ statusCode = 0, statusMessage = '' }, socket, head) => {
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        return resolve(socket);
      }
      socket.destroy();
      reject(refused(proxy, authority, statusCode, statusMessage));
    });
    request.once('response', ({ statusCode = 0, statusMessage = '' }) => {
      request.destroy();
      reject(refused(proxy, authority, statusCode, statusMessage));
    });
    request.once('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', (error) =>
      reject(proxyFailed(proxy, `cannot be used: ${toServerWords(error.message)}`, error)),
    );
    request.end();
  });
}

/** Host of an address, an IPv6 address without brackets. */
export function toHost({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** Port of an address; that of its scheme when it names none. */
export function toPort({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function toAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function refused(proxy: URL, authority: string, status: number, words: string): RecacError {
  const problem =
    status === 407 ? 'wants a user name and a password' : `answered ${status} ${toServerWords(words)}`.trim();
  return proxyFailed(proxy, `${problem} when asked for a way to ${authority}`);
}

function proxyFailed(proxy: URL, problem: string, cause?: unknown): RecacError {
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `the proxy ${proxy.protocol}//${proxy.host} ${problem}. Correct proxy-url of the cluster or HTTPS_PROXY, or except the server in NO_PROXY.`,
    { ...(cause === undefined ? {} : { cause }), details: { reason: 'proxy', proxy: proxy.host } },
  );
}
