import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiClient } from '../../src/api/api-client.ts';
import { createApiClient } from '../../src/api/create-api-client.ts';
import type { ClusterCredentials } from '../../src/cluster/cluster-access.ts';

/** Answers one request; `body` is what was sent. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server that answers requests one after the other as told, and a client of it. */
export interface TestServer extends AsyncDisposable {
  readonly client: ApiClient;
  /** Every request that came, as `METHOD /path`. */
  readonly requests: readonly string[];
  /** How often credentials were asked for again after a 401. */
  renewals(): number;
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A Status of failure, as the API server words it. */
export function failure(code: number, reason: string, message: string, details: object = {}): Answer {
  return json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details });
}

/** Starts a server; the last answer is given to all further requests. */
export async function startServer(...answers: readonly Answer[]): Promise<TestServer> {
  const requests: string[] = [];
  let renewals = 0;
  const server = createServer(async (request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(`${request.method} ${request.url}`);
    let body = '';
    for await (const chunk of request) body += chunk;
    answer?.(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createApiClient({
    server: new URL(`http://127.0.0.1:${port}`),
    contextName: 'test',
    credentials: async ({ rejected }): Promise<ClusterCredentials> => {
      if (rejected) renewals += 1;
      return { headers: { Authorization: `Bearer token-${renewals}` } };
    },
  });
  return {
    client,
    requests,
    renewals: () => renewals,
    [Symbol.asyncDispose]: async () => {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
