import { createReadStream } from 'node:fs';
import { type RequestOptions, request } from 'node:http';

/** What to ask a daemon. */
export interface DaemonRequest {
  /** Such as `unix:///run/docker.sock` or `tcp://127.0.0.1:2375`. */
  readonly host: string;
  /** The method; default GET. */
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  /** A file to send as the body. */
  readonly file?: string;
  /** What to send as the body, as JSON. */
  readonly json?: unknown;
  /** After how long without an answer the request fails; default 60 000. */
  readonly timeoutMs?: number;
}

/** The answer of a daemon, read to its end. */
export interface DaemonAnswer {
  /** Status code of HTTP. */
  readonly status: number;
  /** The body as text. */
  readonly body: string;
}

/** One request to a daemon's API, on a connection of its own. */
export function requestDaemon(asked: DaemonRequest): Promise<DaemonAnswer> {
  const { host, method = 'GET', path, file, json, timeoutMs = 60_000 } = asked;
  return new Promise((resolve, reject) => {
    const options = { ...connectTo(host), method, path, agent: false, timeout: timeoutMs };
    const outgoing = request(options, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from the daemon to ${method} ${path}`)));
    outgoing.on('error', reject);
    if (json !== undefined) outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(json));
    else if (file === undefined) outgoing.end();
    else createReadStream(file).on('error', reject).pipe(outgoing);
  });
}

function connectTo(host: string): RequestOptions {
  const url = new URL(host);
  if (url.protocol === 'unix:') return { socketPath: url.pathname, headers: { host: 'docker' } };
  if (url.protocol === 'tcp:') return { host: url.hostname, port: url.port };
  throw new Error(`tests reach a daemon through unix:// or tcp://, and not through ${host}`);
}
