import { createConnection, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { RecacError } from '@recac/engine-core';
import { http } from '@recac/engine-kit';
import type { ClusterAccess, ClusterCredentials } from '../cluster/cluster-access.ts';
import { openTunnel, toHost, toPort } from './proxy-tunnel.ts';

type Opened = (error: Error | null, stream: Duplex) => void;

const connectTimeoutMs = 10_000;
const keepAliveMs = 15_000;
const idleMs = 30_000;

/** Kept connections to one API server, TLS and a proxy's tunnel included, for one set of certificates. */
export class ApiAgent extends http.Agent {
  readonly #access: ClusterAccess;
  readonly #credentials: ClusterCredentials;
  readonly #context: SecureContext | undefined;

  /** Errors: `RECAC_ENGINE_UNAVAILABLE` for a certificate or key that cannot be read. */
  constructor(access: ClusterAccess, credentials: ClusterCredentials) {
    super({ keepAlive: true, maxFreeSockets: 32, timeout: idleMs, scheduling: 'lifo' });
    this.#access = access;
    this.#credentials = credentials;
    this.#context = access.server.protocol === 'https:' ? toSecureContext(credentials) : undefined;
  }

  override createConnection(_options: unknown, opened: Opened): Duplex | null | undefined {
    const { server, proxy } = this.#access;
    const target = { host: toHost(server), port: toPort(server), timeoutMs: connectTimeoutMs };
    if (proxy === undefined)
      return this.#secure(withTimeout(createConnection({ ...target, noDelay: true }), 'connect'));
    openTunnel(proxy, target).then(
      (tunnel) => opened(null, this.#secure(tunnel)),
      (error) => opened(error, undefined as unknown as Duplex),
    );
    return undefined;
  }

  /** One pool for everything: all connections lead to the same place. */
  override getName(): string {
    return 'api-server';
  }

  /** Lets the calls under way end, and keeps no connection after them. */
  retire(): void {
    this.maxFreeSockets = 0;
    this.dropIdle();
  }

  /** Closes the connections that nobody uses: they may be as dead as the one that gave no answer. */
  dropIdle(): void {
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  #secure(socket: Duplex): Duplex {
    if (this.#context === undefined) return socket;
    const { serverName, insecure = false } = this.#credentials;
    const host = toHost(this.#access.server);
    const servername = serverName ?? (isIP(host) ? undefined : host);
    const secured = connectTls({
      socket,
      host: serverName ?? host,
      secureContext: this.#context,
      rejectUnauthorized: !insecure,
      ...(servername === undefined ? {} : { servername }),
    });
    return withTimeout(secured, 'secureConnect');
  }
}

/** True when connections made with one may be used with the other. */
export function usesSameConnection(one: ClusterCredentials, other: ClusterCredentials): boolean {
  const parts = ['ca', 'certificate', 'key', 'serverName', 'insecure'] as const;
  return parts.every((part) => one[part] === other[part]);
}

function toSecureContext({ ca, certificate, key }: ClusterCredentials): SecureContext {
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (error) {
    const { code = 'unknown' } = error as { readonly code?: string };
    throw new RecacError(
      'RECAC_ENGINE_UNAVAILABLE',
      `a certificate or key of the context cannot be used (${code}). Each must be PEM, and the key must belong to the client certificate: renew them in the kubeconfig.`,
      { details: { reason: code } },
    );
  }
}

function withTimeout<T extends Socket>(socket: T, ready: 'connect' | 'secureConnect'): T {
  const expire = (): void => {
    socket.destroy(Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' }));
  };
  const timer = setTimeout(expire, connectTimeoutMs);
  const clear = (): void => clearTimeout(timer);
  if (ready === 'connect') socket.setKeepAlive(true, keepAliveMs);
  return socket.once(ready, clear).once('close', clear);
}
