import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';

/** How the API server of a cluster is asked, from a kubeconfig that holds its certificates. */
export type ClusterConnection = Pick<RequestOptions, 'host' | 'port' | 'ca' | 'cert' | 'key'>;

/** One call of the API server. */
export interface ApiCall {
  /** Method. Default: `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with its query. */
  readonly path: string;
  /** Object that is sent. Default: none. */
  readonly body?: object;
}

/** An answer that is no success. */
export class ApiCallError extends Error {
  /** Status of the answer, such as 404. */
  readonly status: number;

  constructor({ method = 'GET', path }: ApiCall, status: number, message: string) {
    super(`${method} ${path}: ${status} ${message}`);
    this.status = status;
  }
}

/** Reads a kubeconfig that `writeConfiguration` has written. */
export async function readConnection(kubeconfig: string): Promise<ClusterConnection> {
  const { clusters, users } = JSON.parse(await readFile(kubeconfig, 'utf8'));
  const { server, 'certificate-authority-data': authority } = clusters[0].cluster;
  const { 'client-certificate-data': certificate, 'client-key-data': key } = users[0].user;
  const { hostname, port } = new URL(server);
  const decode = (text: string): Buffer => Buffer.from(text, 'base64');
  return { host: hostname, port, ca: decode(authority), cert: decode(certificate), key: decode(key) };
}

/** Asks the API server. Rejects with an `ApiCallError` when it refuses. */
export async function callApi<T>(connection: ClusterConnection, call: ApiCall): Promise<T> {
  return JSON.parse(await readText(await openCall(connection, call))) as T;
}

/** Asks the API server, and gives its answer as it comes. Rejects with an `ApiCallError` when it refuses. */
export async function openCall(connection: ClusterConnection, call: ApiCall): Promise<IncomingMessage> {
  const body = call.body === undefined ? '' : JSON.stringify(call.body);
  // Node sends the body of a DELETE without its length unless told.
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const asked = request({ ...connection, method: call.method, path: call.path, headers });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const { statusCode = 0 } = response;
  if (statusCode >= 200 && statusCode < 300) return response;
  throw new ApiCallError(call, statusCode, await readText(response));
}

async function readText(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString('utf8');
}
