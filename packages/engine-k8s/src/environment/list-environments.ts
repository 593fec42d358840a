import type { Job } from '../job/job-object.ts';
import type { Pod } from '../job/pod.ts';
import { type ClusterNamespace, controllerLabel, jobPath, podPath } from './cluster-namespace.ts';
import { findJob } from './create-job.ts';

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
  const byJob = new Map(pods.map((pod) => [pod.metadata.labels?.[controllerLabel], pod]));
  return jobs.map((job) => {
    const pod = byJob.get(job.metadata.uid);
    return pod ? { job, pod } : { job };
  });
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
  const pod = pods.items?.[0];
  return pod ? { job, pod } : { job };
}
