import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A request to a fake daemon: `GET /images/x/json?platform=…`, without the version of the API. */
export interface FakeRequest {
  readonly method: string;
  /** Without the version. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What a fake daemon says: a status and JSON, lines of JSON, or what it does with the response itself. */
export type FakeAnswer =
  | { readonly status?: number; readonly json: unknown }
  | ((response: ServerResponse, incoming: IncomingMessage) => void);

/** A daemon that answers what a real one of this machine cannot. */
export interface FakeDaemon extends AsyncDisposable {
  readonly host: string;
  /** Everything that was asked, as `METHOD /path?query`. */
  readonly requests: readonly string[];
}

/** Starts one. What `answer` leaves out is 404. `headers`: what its answer to a ping has besides. */
export async function startFakeDaemon(
  apiVersion: string,
  answer: (request: FakeRequest) => FakeAnswer | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<FakeDaemon> {
  const path = join(tmpdir(), `recac-fake-${randomUUID()}.sock`);
  const requests: string[] = [];
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://docker');
    const request = {
      method: incoming.method ?? 'GET',
      path: decodeURIComponent(url.pathname.replace(/^\/v[\d.]+/, '')),
      query: url.searchParams,
    };
    requests.push(`${request.method} ${request.path}${url.search}`);
    incoming.resume();
    if (request.path === '/_ping') {
      response.writeHead(200, { 'api-version': apiVersion, server: 'Docker/fake', ...headers }).end('OK');
      return;
    }
    const found = answer(request) ?? { status: 404, json: { message: `no such thing: ${request.path}` } };
    if (typeof found === 'function') found(response, incoming);
    else
      response
        .writeHead(found.status ?? 200, { 'content-type': 'application/json' })
        .end(found.status === 204 ? undefined : JSON.stringify(found.json));
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    host: `unix://${path}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await rm(path, { force: true });
    },
  };
}
