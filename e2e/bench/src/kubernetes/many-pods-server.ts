import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An object as the cluster serves it. */
export interface ServedObject {
  /** Name, identity, owners and more. */
  readonly metadata: Record<string, unknown>;
}

/** What a real cluster says of one environment; the server multiplies it. */
export interface ServedEnvironment {
  /** Its Job. */
  readonly job: ServedObject;
  /** Its pod. */
  readonly pod: ServedObject;
}

/**
 * Runs work against a server that serves `count` copies of an environment, as lists in pages and as a watch that stays silent: no machine of ours runs thousands of pods.
 * Each copy has names and identities of its own. `work` gets the path of a kubeconfig.
 */
export async function withManyPods<T>(
  environment: ServedEnvironment,
  count: number,
  work: (kubeconfig: string) => Promise<T>,
): Promise<T> {
  const jobs = Array.from({ length: count }, (_, index) => copy(environment.job, environment, index));
  const pods = Array.from({ length: count }, (_, index) => copy(environment.pod, environment, index));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
    response.setHeader('Content-Type', 'application/json');
    request.resume();
    if (searchParams.get('watch') === 'true') response.flushHeaders();
    else if (pathname.endsWith('/pods')) answerPage(response, 'v1', 'PodList', pods, searchParams);
    else if (pathname.endsWith('/jobs')) answerPage(response, 'batch/v1', 'JobList', jobs, searchParams);
    else response.end(JSON.stringify({ gitVersion: 'v1.34.0', status: { allowed: true } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const directory = await mkdtemp(join(tmpdir(), 'recac-bench-'));
  try {
    const path = join(directory, 'kubeconfig');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await writeFile(path, toKubeconfig(address));
    return await work(path);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A kubeconfig of a server without credentials. */
export function toKubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    // client-node speaks HTTP only where the certificate need not be checked.
    clusters: [{ name: 'local', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'local', user: {} }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'local' } }],
    'current-context': 'local',
  });
}

function copy(object: ServedObject, { job }: ServedEnvironment, index: number): string {
  const suffix = String(index).padStart(6, '0');
  const change = (text: string, value: unknown): string => {
    const old = String(value);
    return text.replaceAll(old, old.slice(0, -suffix.length) + suffix);
  };
  const names = [job.metadata.name, job.metadata.uid, object.metadata.name, object.metadata.uid];
  return [...new Set(names)].reduce<string>(change, JSON.stringify(object));
}

function answerPage(
  response: ServerResponse,
  apiVersion: string,
  kind: string,
  objects: readonly string[],
  query: URLSearchParams,
): void {
  const from = Number(query.get('continue') ?? 0);
  const to = Math.min(objects.length, from + Number(query.get('limit') ?? objects.length));
  const metadata = { resourceVersion: '1000000', ...(to < objects.length ? { continue: String(to) } : {}) };
  const head = JSON.stringify({ apiVersion, kind, metadata }).slice(0, -1);
  response.end(`${head},"items":[${objects.slice(from, to).join(',')}]}`);
}
