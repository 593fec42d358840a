import { listObjects } from '../api/list-objects.ts';
import type { ClaimUser } from '../job/claim.ts';
import type { ClaimJob } from '../job/claim-rivals.ts';
import { toLabelSelector } from '../job/job-labels.ts';
import { type ClusterNamespace, jobPath, podPath } from './cluster-namespace.ts';
import { projectClaimJob, projectClaimPod } from './project-claim-user.ts';

const ours = { labelSelector: toLabelSelector() };

/** Pods that may use a claim: of ours, or all of the namespace where those of others matter too. No more is kept of one than tells which directories it uses, and where. */
export function listClaimPods(
  { client, namespace }: ClusterNamespace,
  { areOthersIncluded }: { readonly areOthersIncluded: boolean },
  signal: AbortSignal,
): Promise<readonly ClaimUser[]> {
  const query = areOthersIncluded ? {} : ours;
  return listObjects(client, { path: podPath(namespace), query, project: projectClaimPod, signal });
}

/** Jobs of ours, with what their pods use. */
export function listClaimJobs(
  { client, namespace }: ClusterNamespace,
  signal: AbortSignal,
): Promise<readonly ClaimJob[]> {
  return listObjects(client, { path: jobPath(namespace), query: ours, project: projectClaimJob, signal });
}
