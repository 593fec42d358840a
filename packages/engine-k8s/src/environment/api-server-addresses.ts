import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { ClusterNamespace } from './cluster-namespace.ts';

interface EndpointSlice {
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[];
}

const endpointsPath = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';

/** The start waits for it. */
const lookDeadlineMs = 5_000;

/**
 * Addresses of the API server, which may be public: those behind its name, and those that pods are led to, where this client may read them in the namespace
 * `default`. What cannot be found is left out.
 */
export async function findApiServerAddresses(
  { client }: ClusterNamespace,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(lookDeadlineMs)]);
  const host = client.access.server.hostname.replace(/^\[|\]$/g, '');
  const query = { labelSelector: 'kubernetes.io/service-name=kubernetes' };
  const [named, slices] = await Promise.all([
    findNamed(host, until),
    client
      .request<{ readonly items?: readonly EndpointSlice[] }>({
        method: 'GET',
        path: endpointsPath,
        query,
        signal: until,
      })
      .catch(() => ({ items: [] })),
  ]);
  const led = (slices.items ?? []).flatMap(({ endpoints = [] }) =>
    endpoints.flatMap(({ addresses = [] }) => addresses),
  );
  return [...new Set([...named.map(({ address }) => address), ...led])];
}

/** A name server that does not answer keeps a lookup for many seconds, and nothing ends it. */
function findNamed(host: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  const given = new Promise<readonly LookupAddress[]>((resolve) => {
    if (signal.aborted) resolve([]);
    signal.addEventListener('abort', () => resolve([]), { once: true });
  });
  return Promise.race([lookup(host, { all: true }).catch(() => []), given]);
}
