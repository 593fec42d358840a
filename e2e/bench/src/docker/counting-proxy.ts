import type { Buffer } from 'node:buffer';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerHost } from './docker-peer.ts';

/** A socket in front of the daemon that writes down the requests. */
export interface CountingProxy {
  /** Its address, as in DOCKER_HOST. */
  readonly host: string;
  /** The requests since it was last asked: `POST /containers/create`. */
  take(): readonly string[];
}

/** Runs work with a proxy in front of the daemon. */
export async function withCountingProxy<T>(work: (proxy: CountingProxy) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'recac-bench-'));
  const path = join(directory, 'docker.sock');
  const requests: string[] = [];
  const server = createServer((client) => {
    const daemon = connect(toTarget());
    for (const socket of [client, daemon]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        daemon.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      const request = /^(GET|HEAD|POST|PUT|DELETE) (?:\/v[\d.]+)?(\/[^? ]*)/.exec(chunk.toString('latin1'));
      if (request) requests.push(`${request[1]} ${request[2]?.replace(/\/[0-9a-f]{64}/, '/ID')}`);
    });
    client.pipe(daemon).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    return await work({ host: `unix://${path}`, take: () => requests.splice(0) });
  } finally {
    server.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function toTarget(): NetConnectOpts {
  const { protocol, hostname, port, pathname } = new URL(dockerHost);
  return protocol === 'unix:' ? { path: pathname } : { host: hostname, port: Number(port) };
}
