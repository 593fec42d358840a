import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
import {
  type ContainerEngine,
  invalidArgument,
  type PortConnection,
  type RecacError,
  unsupportedCapability,
} from '@recac/engine-core';

/** What to forward. */
export interface ForwardOptions {
  /** Port on the loopback address of the environment. */
  readonly remotePort: number;
  /** Port on 127.0.0.1 of this machine; 0 picks a free one. Default: 0. */
  readonly localPort?: number;
  /** Called when one connection failed; the forward goes on. */
  readonly onConnectionError?: (error: unknown) => void;
}

/** A port of this machine that leads into an environment. Dispose it to close it and all its connections. */
export interface PortForward extends AsyncDisposable {
  /** Port on 127.0.0.1. */
  readonly localPort: number;
  /** Port in the environment. */
  readonly remotePort: number;
}

const probeMs = 2_000;

/**
 * Listens on 127.0.0.1 and connects each caller to a port in an environment, also one without network. Each direction ends by itself, where the engine can
 * carry that; else the server learns of the caller's end a minute after the caller is gone, when the system has forgotten it. A line that breaks resets the
 * caller's connection, so that what is cut off does not look whole. Errors: `RECAC_CAPABILITY_UNSUPPORTED`, and `RECAC_INVALID_ARGUMENT` when the local port is
 * taken or may not be used.
 */
export async function forwardPort(
  engine: ContainerEngine,
  environmentId: string,
  { remotePort, localPort = 0, onConnectionError = () => {} }: ForwardOptions,
): Promise<PortForward> {
  if (!engine.capabilities.openPort)
    throw unsupportedCapability(engine.backend, 'openPort', 'Use an engine that can connect to ports.');
  const closed = new AbortController();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, () => engine.openPort(environmentId, remotePort, { signal: closed.signal })).catch((error) => {
      const isGone = socket.destroyed;
      socket.resetAndDestroy();
      if (!isGone) onConnectionError(error);
    });
  });
  return {
    remotePort,
    localPort: await listen(server, localPort),
    async [Symbol.asyncDispose]() {
      closed.abort();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(port, cause)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function cannotListen(port: number, cause: NodeJS.ErrnoException): RecacError {
  const problem = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${cause.code})`;
  return invalidArgument('local port', `${port} ${problem}`, `Use another one, or :REMOTE for a free one.`);
}

async function serve(socket: Socket, open: () => Promise<PortConnection>): Promise<void> {
  await using connection = await open();
  socket.once('close', () => void connection[Symbol.asyncDispose]());
  if (socket.destroyed) return;
  await Promise.all([sendAll(socket, connection), receiveAll(socket, connection)]);
}

/** What the caller sends, then its end. A connection that the other side has closed needs nothing more. */
async function sendAll(socket: Socket, connection: PortConnection): Promise<void> {
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) await connection.write(chunk as Uint8Array);
    await connection.end();
    destroyWhenAbandoned(socket);
  } catch {
    socket.resume();
  }
}

/**
 * A caller that is gone and one that only sends no more look alike, until the system has forgotten the first (`tcp_fin_timeout`, a minute): then it refuses probes, and a write, even
 * an empty one, is told so.
 */
function destroyWhenAbandoned(socket: Socket): void {
  socket.setKeepAlive(true, probeMs);
  const timer = setInterval(() => {
    if (socket.writable && socket.writableLength === 0) socket.write(Buffer.alloc(0));
  }, probeMs);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
}

async function receiveAll(socket: Socket, connection: PortConnection): Promise<void> {
  for await (const chunk of connection.output) {
    if (socket.destroyed) return;
    if (!socket.write(chunk)) await drained(socket);
  }
  await new Promise<void>((resolve) => socket.end(resolve));
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      socket.off('drain', finish);
      socket.off('close', finish);
      resolve();
    };
    socket.on('drain', finish);
    socket.on('close', finish);
  });
}
