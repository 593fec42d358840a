import { createConnection, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { inspect } from 'node:util';
import { http } from '@recac/engine-kit';
import type { DaemonAddress, DaemonTls } from './daemon-address.ts';
import { createSshOpener } from './open-ssh.ts';
import { type DaemonTarget, parseHost } from './parse-host.ts';

/** Called with the connection, or with why there is none, by those who open it in the background. */
export type Opened = (error: Error | null, stream?: Duplex) => void;

/** Opens one byte stream to a daemon: returns it, or calls back. */
export interface OpenConnection {
  (opened: Opened): Duplex | null | undefined;
  /** Gives up what waits to be opened. Default: nothing waits. */
  readonly abandon?: () => void;
}

const connectTimeoutMs = 10_000;
const keepAliveMs = 15_000;

/** An HTTP agent whose connections lead to one daemon, whatever the scheme of its address. Keeps idle connections open. */
export class DaemonAgent extends http.Agent {
  readonly #open: OpenConnection;

  /** `open`: how to connect. Default: as the address says. */
  constructor(address: DaemonAddress, open: OpenConnection = toOpenConnection(address)) {
    super({ keepAlive: true, maxFreeSockets: 16 });
    this.#open = open;
  }

  override createConnection(_options: unknown, opened: Opened): Duplex | null | undefined {
    return hush(this.#open((error, stream) => opened(error, hush(stream))));
  }

  /** Closes its connections, and opens none of those that were waited for. */
  override destroy(): void {
    this.#open.abandon?.();
    super.destroy();
  }

  /** docker-modem 5 writes its options out in full before every request, for a log that nobody reads: all connections, and what hangs on them, take milliseconds each. */
  [inspect.custom](): string {
    return 'DaemonAgent';
  }

  /** One pool for everything: all connections lead to the same place. */
  override getName(): string {
    return 'daemon';
  }
}

/**
 * A call that is cancelled at the moment of its answer destroys a connection that its request has left and the next one has not taken yet: nobody would hear the error, and Node
 * would end the process.
 */
function hush<T extends Duplex | null | undefined>(stream: T): T {
  stream?.on('error', () => {});
  return stream;
}

function toOpenConnection({ host, tls }: DaemonAddress): OpenConnection {
  const target = parseHost(host);
  if (target.scheme === 'ssh') return createSshOpener(target);
  if (target.scheme === 'tcp') return () => openTcp(target, tls);
  const path = target.scheme === 'npipe' ? target.path.replaceAll('/', '\\') : target.path;
  return () => createConnection({ path });
}

function openTcp({ host, port }: Extract<DaemonTarget, { scheme: 'tcp' }>, tls: DaemonTls | undefined): Socket {
  if (!tls) return withTimeout(createConnection({ host, port, noDelay: true }), 'connect');
  const { verify = true, ...material } = tls;
  const name = isIP(host) ? {} : { servername: host };
  const socket = connectTls({ host, port, ...name, ...material, rejectUnauthorized: verify });
  return withTimeout(socket.setNoDelay(true), 'secureConnect');
}

function withTimeout<T extends Socket>(socket: T, ready: 'connect' | 'secureConnect'): T {
  const expire = (): void => {
    socket.destroy(Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' }));
  };
  const timer = setTimeout(expire, connectTimeoutMs);
  const clear = (): void => clearTimeout(timer);
  socket.setKeepAlive(true, keepAliveMs);
  return socket.once(ready, clear).once('close', clear);
}
