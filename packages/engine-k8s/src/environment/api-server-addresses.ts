import { lookup } from 'node:dns/promises';
import type { ClusterNamespace } from './cluster-namespace.ts';

interface EndpointSlice {
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[];
}

const endpointsPath = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';

/**
 * Addresses of the API server, which may be public: those behind its name, and those that pods are led to, where this client may read them in the namespace
 * `default`. What cannot be found is left out.
 */
export async function findApiServerAddresses(
  { client }: ClusterNamespace,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const host = client.access.server.hostname.replace(/^\[|\]$/g, '');
  const query = { labelSelector: 'kubernetes.io/service-name=kubernetes' };
  const [named, slices] = await Promise.all([
    lookup(host, { all: true }).catch(() => []),
    client
      .request<{ readonly items?: readonly EndpointSlice[] }>({ method: 'GET', path: endpointsPath, query, signal })
      .catch(() => ({ items: [] })),
  ]);
  const led = (slices.items ?? []).flatMap(({ endpoints = [] }) =>
    endpoints.flatMap(({ addresses = [] }) => addresses),
  );
  return [...new Set([...named.map(({ address }) => address), ...led])];
}
