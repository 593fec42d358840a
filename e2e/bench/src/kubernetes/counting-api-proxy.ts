import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';
import { toKubeconfig } from './many-pods-server.ts';
import { kubeconfig } from './peer-job.ts';

/** A proxy in front of the API server that writes down the requests. */
export interface CountingApiProxy {
  /** A kubeconfig that leads to it. */
  readonly kubeconfig: string;
  /** The requests since it was last asked: `POST /apis/batch/v1/namespaces/default/jobs`, watches with their query. */
  take(): readonly string[];
}

/** Runs work with a proxy in front of the API server, which adds the credentials of the cluster's own kubeconfig. */
export async function withCountingApiProxy<T>(work: (proxy: CountingApiProxy) => Promise<T>): Promise<T> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const target = new URL(config.getCurrentCluster()?.server ?? '');
  const options: RequestOptions = { host: target.hostname, port: target.port };
  await config.applyToHTTPSOptions(options);
  const agent = new Agent({ ...options, keepAlive: true } as object);
  const requests: string[] = [];
  const forward = (incoming: IncomingMessage): RequestOptions => {
    const { method = 'GET', url = '/', headers } = incoming;
    requests.push(`${method} ${url.includes('watch=') ? url : url.split('?')[0]}`);
    return { ...options, method, path: url, headers: { ...headers, host: target.host } };
  };
  const server = createServer((incoming, response) => {
    const outgoing = request({ ...forward(incoming), agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      response.on('close', () => answer.destroy());
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  server.on('upgrade', (incoming: IncomingMessage, client: Duplex, head: Uint8Array) => {
    const outgoing = request(forward(incoming));
    outgoing.on('upgrade', (answer, upstream) => connect(client, upstream, answer, head));
    outgoing.on('response', (answer) => refuse(client, answer));
    outgoing.on('error', () => client.destroy());
    outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const directory = await mkdtemp(join(tmpdir(), 'recac-bench-'));
  try {
    const path = join(directory, 'kubeconfig');
    await writeFile(path, toKubeconfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    return await work({ kubeconfig: path, take: () => requests.splice(0) });
  } finally {
    server.closeAllConnections();
    server.close();
    agent.destroy();
    await rm(directory, { recursive: true, force: true });
  }
}

function connect(client: Duplex, upstream: Duplex, answer: IncomingMessage, head: Uint8Array): void {
  client.write(toHead('101 Switching Protocols', answer));
  if (head.length > 0) upstream.write(head);
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => {});
    one.on('close', () => other.destroy());
    one.pipe(other);
  }
}

function refuse(client: Duplex, answer: IncomingMessage): void {
  client.write(toHead(`${answer.statusCode} ${answer.statusMessage}`, answer));
  answer.pipe(client);
}

function toHead(status: string, { rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  return [`HTTP/1.1 ${status}`, ...lines, '', ''].join('\r\n');
}
