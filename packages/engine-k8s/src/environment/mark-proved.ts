import { provedAnnotation } from '../job/job-labels.ts';
import type { Job } from '../job/job-object.ts';
import { agentContainerName, findAgent, type Pod } from '../job/pod.ts';
import { type ClusterNamespace, jobPath } from './cluster-namespace.ts';

/** Writes down that something has run in the pod, where the kubelet has not said so yet: other clients then know it too. Gives the Job with that. */
export async function markProved(
  { client, namespace }: ClusterNamespace,
  job: Job,
  pod: Pod,
  signal: AbortSignal,
): Promise<Job> {
  const annotations = { ...job.metadata.annotations, [provedAnnotation]: pod.metadata.uid };
  const proved = { ...job, metadata: { ...job.metadata, annotations } };
  if (findAgent(pod)?.state?.running) return proved;
  await client.request({
    method: 'PATCH',
    path: jobPath(namespace, job.metadata.name),
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid: job.metadata.uid, annotations: { [provedAnnotation]: pod.metadata.uid } } },
    idempotent: true,
    signal,
  });
  return proved;
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
