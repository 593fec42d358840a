import { provedAnnotation } from '../job/job-labels.ts';
import type { Job } from '../job/job-object.ts';
import { agentContainerName, findAgent, type Pod } from '../job/pod.ts';
import { type ClusterNamespace, jobPath } from './cluster-namespace.ts';

/** The Job as it is once something has run in the pod. */
export function toProved(job: Job, pod: Pod): Job {
  const annotations = { ...job.metadata.annotations, [provedAnnotation]: pod.metadata.uid };
  return { ...job, metadata: { ...job.metadata, annotations } };
}

/**
 * Writes down that something has run in the pod: other clients know it before the kubelet says so. The limit of the start makes room for that of its life, `lifetimeSeconds`;
 * undefined: none.
 */
export async function markProved(
  { client, namespace }: ClusterNamespace,
  job: Job,
  pod: Pod,
  lifetimeSeconds: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  await client.request({
    method: 'PATCH',
    path: jobPath(namespace, job.metadata.name),
    contentType: 'application/merge-patch+json',
    body: {
      metadata: { uid: job.metadata.uid, annotations: { [provedAnnotation]: pod.metadata.uid } },
      spec: { activeDeadlineSeconds: lifetimeSeconds ?? null },
    },
    idempotent: true,
    signal,
  });
}

/** The same pod with our container running, where somebody has proved that it is, and nothing says that it ended. */
export function withProof(job: Job, pod: Pod): Pod {
  const agent = findAgent(pod);
  const isProved = job.metadata.annotations?.[provedAnnotation] === pod.metadata.uid;
  const isUnsaid = pod.status?.phase === 'Pending' && !agent?.state?.terminated && !agent?.state?.running;
  if (!isProved || !isUnsaid) return pod;
  const running = { name: agentContainerName, ...agent, state: { running: {} } };
  const others = (pod.status?.containerStatuses ?? []).filter((status) => status !== agent);
  return { ...pod, status: { ...pod.status, containerStatuses: [...others, running] } };
}
