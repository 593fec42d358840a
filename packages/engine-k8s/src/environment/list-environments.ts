import { listObjects } from '../api/list-objects.ts';
import { toGoneJob } from '../job/gone-job.ts';
import { keepStatusMetadata } from '../job/job-labels.ts';
import type { Job } from '../job/job-object.ts';
import type { Pod } from '../job/pod.ts';
import { findPodOfJob } from '../job/pod-status.ts';
import { projectJob, projectPod } from '../watch/project-objects.ts';
import { type ClusterNamespace, controllerLabel, jobPath, podPath } from './cluster-namespace.ts';
import { findJob } from './find-job.ts';
import { withProof } from './mark-proved.ts';

/** A Job and its pod. */
export interface EnvironmentObjects {
  /** The Job; where it is gone and its pod is not, what the pod tells of it. */
  readonly job: Job;
  /** The Job is gone, so that nothing can be run any more. */
  readonly isGone?: true;
  /** Its pod; undefined where there is none (any more). */
  readonly pod?: Pod;
}

/** Jobs that a label selector finds, each with its pod, and pods that outlive their Job. */
export async function listEnvironments(
  { client, namespace }: ClusterNamespace,
  labelSelector: string,
  signal: AbortSignal,
): Promise<readonly EnvironmentObjects[]> {
  const query = { labelSelector };
  // Pods first: a Job that is made in between is there without a pod, where otherwise its pod would look like one whose Job is gone.
  const pods = await listObjects<Pod>(client, { path: podPath(namespace), query, project: projectListedPod, signal });
  const jobs = await listObjects<Job>(client, { path: jobPath(namespace), query, project: projectJob, signal });
  const known = new Set(jobs.map(({ metadata }) => metadata.uid));
  const left = pods.flatMap((pod) => toLeft(pod) ?? []).filter(({ job }) => !known.has(job.metadata.uid));
  return [...jobs.map((job) => toObjects(job, pods)), ...left];
}

/** As of a watch; with what a pod tells of its Job, which may be gone without the pod's being told. */
function projectListedPod(pod: Pod): Pod {
  const { metadata, ...projected } = projectPod(pod);
  return { metadata: { ...metadata, ...keepStatusMetadata(pod.metadata) }, ...projected };
}

/** One Job and its pod, or the pod that outlives it; undefined when both are gone, or the Job is another of the same name. */
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
  if (job?.metadata.uid !== uid)
    return pods.items?.flatMap((pod) => toLeft(pod) ?? []).find((left) => left.job.metadata.uid === uid);
  return toObjects(job, pods.items ?? []);
}

function toLeft(pod: Pod): EnvironmentObjects | undefined {
  const job = toGoneJob(pod);
  return job && { job, pod, isGone: true };
}

function toObjects(job: Job, pods: readonly Pod[]): EnvironmentObjects {
  const pod = findPodOfJob(job, pods);
  return pod ? { job, pod: withProof(job, pod) } : { job };
}
