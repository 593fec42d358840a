import type { ClaimUser } from '../job/claim.ts';
import type { ClaimJob } from '../job/claim-rivals.ts';
import { toLabelSelector } from '../job/job-labels.ts';
import { type ClusterNamespace, jobPath, podPath } from './cluster-namespace.ts';

const pageSize = 500;
const ours = { labelSelector: toLabelSelector() };

/** Pods that may use a claim: of ours, or all of the namespace where those of others matter too. */
export function listClaimPods(
  cluster: ClusterNamespace,
  { areOthersIncluded }: { readonly areOthersIncluded: boolean },
  signal: AbortSignal,
): Promise<readonly ClaimUser[]> {
  return listAll(cluster, podPath(cluster.namespace), areOthersIncluded ? {} : ours, signal);
}

/** Jobs of ours, with what their pods use. */
export function listClaimJobs(cluster: ClusterNamespace, signal: AbortSignal): Promise<readonly ClaimJob[]> {
  return listAll(cluster, jobPath(cluster.namespace), ours, signal);
}

async function listAll<Item>(
  { client }: ClusterNamespace,
  path: string,
  selection: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let next = '';
  do {
    const page = await client.request<{
      readonly items?: readonly Item[];
      readonly metadata?: { readonly continue?: string };
    }>({
      method: 'GET',
      path,
      query: { ...selection, limit: String(pageSize), ...(next === '' ? {} : { continue: next }) },
      signal,
    });
    items.push(...(page.items ?? []));
    next = page.metadata?.continue ?? '';
  } while (next !== '');
  return items;
}
