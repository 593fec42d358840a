import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A proxy before a real daemon that answers pulls itself. */
export interface FaultyDaemon extends AsyncDisposable {
  /** Where it listens. */
  readonly host: string;
  /** Pulls that were asked for. */
  readonly pulls: number;
  /** Pulls whose connection was closed from our side. */
  readonly closed: number;
}

/** Starts one. `answer` writes what a pull gets; nothing passes on to the daemon. Without it pulls pass on too. */
export async function startFaultyDaemon(
  socketPath: string,
  answer?: (response: ServerResponse) => void,
): Promise<FaultyDaemon> {
  const path = join(tmpdir(), `recac-${randomUUID()}.sock`);
  const seen = { pulls: 0, closed: 0 };
  const server = createServer((incoming, response) => {
    const isPull = incoming.url?.includes('/images/create') === true;
    if (isPull) {
      seen.pulls += 1;
      response.on('close', () => {
        if (!response.writableFinished) seen.closed += 1;
      });
      if (answer) {
        answer(response);
        return;
      }
    }
    const { method, url, headers } = incoming;
    const outgoing = request({ socketPath, method, path: url, headers }, (found) => {
      response.writeHead(found.statusCode ?? 500, found.headers);
      found.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    host: `unix://${path}`,
    get pulls() {
      return seen.pulls;
    },
    get closed() {
      return seen.closed;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await rm(path, { force: true });
    },
  };
}
