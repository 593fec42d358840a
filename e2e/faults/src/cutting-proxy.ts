import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultyConnections, type FaultyLine } from './faulty-connections.ts';

/** A proxy before a daemon that breaks what it is told to. */
export interface CuttingProxy extends FaultyLine, AsyncDisposable {
  /** Address for clients. */
  readonly host: string;
}

/** Starts a proxy on a socket of its own, before the daemon's socket. */
export async function startCuttingProxy(daemonHost: string): Promise<CuttingProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-faults-'));
  const path = join(directory, 'docker.sock');
  const connections = new FaultyConnections();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const daemon = connect({ path: new URL(daemonHost).pathname, allowHalfOpen: true });
    connections.add(client, daemon, () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return Object.assign(connections, {
    host: `unix://${path}`,
    async [Symbol.asyncDispose]() {
      connections.destroyAll();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  });
}
