import { Agent } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { RecacError } from '@recac/engine-core';
import type { DaemonAddress } from './daemon-address.ts';

/** Opens one byte stream to the daemon. */
type Connect = () => Duplex;

/** An HTTP agent whose connections lead to one daemon, whatever the scheme of its address. Keeps idle connections open. */
export class DaemonAgent extends Agent {
  readonly #connect: Connect;

  constructor(address: DaemonAddress) {
    super({ keepAlive: true, maxFreeSockets: 16 });
    this.#connect = toConnect(address);
  }

  override createConnection(): Duplex {
    return this.#connect();
  }
}

function toConnect(address: DaemonAddress): Connect {
  const url = new URL(address.host);
  if (url.protocol === 'unix:') return () => createConnection({ path: decodeURIComponent(url.pathname) });
  if (url.protocol === 'npipe:') return () => createConnection({ path: url.pathname.replaceAll('/', '\\') });
  if (url.protocol === 'tcp:' || url.protocol === 'http:' || url.protocol === 'https:')
    return toTcpConnect(url, address);
  throw new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `a daemon at ${url.protocol}// cannot be reached. Use unix://, tcp:// or ssh://.`,
    { details: { host: address.host } },
  );
}

function toTcpConnect(url: URL, { tls }: DaemonAddress): Connect {
  const encrypted = tls !== undefined || url.protocol === 'https:';
  const target = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (encrypted ? 2376 : 2375)) };
  if (!encrypted) return () => keptAlive(createConnection({ ...target, noDelay: true }));
  const { verify = true, ...material } = tls ?? {};
  return () => keptAlive(connectTls({ ...target, ...material, rejectUnauthorized: verify, servername: target.host }));
}

function keptAlive<T extends Socket>(socket: T): T {
  socket.setKeepAlive(true, 15_000);
  return socket;
}
