import type { Job } from '../job/job-object.ts';
import type { Pod } from '../job/pod.ts';
import { findPodOfJob } from '../job/pod-status.ts';
import { type ClusterNamespace, controllerLabel, jobPath, podPath } from './cluster-namespace.ts';
import { findJob } from './find-job.ts';
import { withProof } from './mark-proved.ts';

/** A Job and its pod. */
export interface EnvironmentObjects {
  /** The Job. */
  readonly job: Job;
  /** Its pod; undefined where there is none (any more). */
  readonly pod?: Pod;
}

/** Jobs that a label selector finds, each with its pod. */
export async function listEnvironments(
  { client, namespace }: ClusterNamespace,
  labelSelector: string,
  signal: AbortSignal,
): Promise<readonly EnvironmentObjects[]> {
  const list = async <Item>(path: string): Promise<readonly Item[]> =>
    (
      await client.request<{ readonly items?: readonly Item[] }>({
        method: 'GET',
        path,
        query: { labelSelector },
        signal,
      })
    ).items ?? [];
  const [jobs, pods] = await Promise.all([list<Job>(jobPath(namespace)), list<Pod>(podPath(namespace))]);
  return jobs.map((job) => toObjects(job, pods));
}

/** One Job and its pod; undefined when the Job is gone, or is another of the same name. */
export async function readEnvironment(
  cluster: ClusterNamespace,
  { name, uid }: { readonly name: string; readonly uid: string },
  signal: AbortSignal,
): Promise<EnvironmentObjects | undefined> {
  const { client, namespace } = cluster;
  const [job, pods] = await Promise.all([
    findJob(cluster, name, signal),
    client.request<{ readonly items?: readonly Pod[] }>({
      method: 'GET',
      path: podPath(namespace),
      query: { labelSelector: `${controllerLabel}=${uid}` },
      signal,
    }),
  ]);
  if (job?.metadata.uid !== uid) return undefined;
  return toObjects(job, pods.items ?? []);
}

function toObjects(job: Job, pods: readonly Pod[]): EnvironmentObjects {
  const pod = findPodOfJob(job, pods);
  return pod ? { job, pod: withProof(job, pod) } : { job };
}
