import { listObjects } from '../api/list-objects.ts';
import type { ClaimUser } from '../job/claim.ts';
import type { ClaimJob } from '../job/claim-rivals.ts';
import { toLabelSelector } from '../job/job-labels.ts';
import { type ClusterNamespace, jobPath, podPath } from './cluster-namespace.ts';

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

function listAll<Item>(
  { client }: ClusterNamespace,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  return listObjects<Item>(client, { path, query, project: (item) => item, signal });
}
