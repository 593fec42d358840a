import type { ApiClient } from '../api/api-client.ts';
import { metadataOnly, type ObjectMetadata } from '../api/object-metadata.ts';

interface NodeList {
  readonly items?: readonly { readonly metadata: ObjectMetadata }[] | null;
}

/**
 * Platforms such as `linux/amd64` that the nodes have, sorted; undefined where nodes may not be listed. That right is for the whole cluster, so it is no part of our Role, and
 * nothing depends on it.
 */
export async function findNodePlatforms(
  client: ApiClient,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    const path = '/api/v1/nodes';
    const { items } = await client.request<NodeList>({ method: 'GET', path, accept: metadataOnly, signal });
    const platforms = (items ?? []).map(
      ({ metadata: { labels = {} } }) => `${labels['kubernetes.io/os']}/${labels['kubernetes.io/arch']}`,
    );
    return [...new Set(platforms)].toSorted();
  } catch {
    return undefined;
  }
}
