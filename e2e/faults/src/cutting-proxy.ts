import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultRules } from './fault.ts';
import { FaultyConnection } from './faulty-connection.ts';

/** A proxy before a daemon that breaks what it is told to. */
export interface CuttingProxy extends AsyncDisposable {
  /** Address for clients. */
  readonly host: string;
  /** What shall be broken. */
  readonly rules: FaultRules;
  /** Every request that came, as `METHOD /path`. */
  readonly requests: readonly string[];
  /** How many connections are open. */
  openConnections(): number;
  /** Destroys every connection that is open. */
  destroyAll(): void;
  /** The connections that are open go silent, and stay open. */
  silenceAll(): void;
  /** Whether new connections are closed at once. */
  refuse(isRefusing: boolean): void;
}

/** Starts a proxy on a socket of its own, before the daemon's socket. */
export async function startCuttingProxy(daemonHost: string): Promise<CuttingProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-faults-'));
  const path = join(directory, 'docker.sock');
  const requests: string[] = [];
  const rules = new FaultRules();
  const open = new Set<FaultyConnection>();
  let isRefusing = false;
  const onRequest = (request: string) => {
    requests.push(request);
    return rules.take(request);
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    const connection = new FaultyConnection(client, { daemonPath: new URL(daemonHost).pathname, onRequest });
    open.add(connection);
    client.on('close', () => open.delete(connection));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const destroyAll = (): void => {
    for (const connection of open) connection.destroy();
  };
  return {
    host: `unix://${path}`,
    rules,
    requests,
    openConnections: () => open.size,
    destroyAll,
    silenceAll: () => {
      for (const connection of open) connection.silence();
    },
    refuse: (value) => {
      isRefusing = value;
    },
    async [Symbol.asyncDispose]() {
      destroyAll();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
