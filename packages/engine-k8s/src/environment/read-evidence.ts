import { toApiStatus } from '../api/api-error.ts';
import type { Job } from '../job/job-object.ts';
import type { KubernetesEvent } from '../job/kubernetes-event.ts';
import { agentContainerName, type Pod } from '../job/pod.ts';
import type { Evidence } from '../job/start-failure.ts';
import { type ClusterNamespace, eventPath, podPath } from './cluster-namespace.ts';
import { findJob } from './find-job.ts';

/** Most of the log that is read. */
const logLines = 20;

/** What has been seen so far. */
export interface Seen {
  /** The Job, as created. */
  readonly job: Job;
  /** The pod, as last seen. */
  readonly pod?: Pod;
  /** The pod does not exist any more. */
  readonly podIsGone?: boolean;
}

/**
 * Gathers what the cluster shows beside the pod itself: the Job as it is now, events, the last lines of the log. What cannot be read is left out; a Job that cannot be read is as
 * it was seen: only one that the API server does not know is gone. Rejects when it is cancelled.
 */
export async function readEvidence(
  { client, namespace }: ClusterNamespace,
  { job, pod, podIsGone = false }: Seen,
  signal: AbortSignal,
): Promise<Evidence> {
  const events = async (uid: string): Promise<readonly KubernetesEvent[]> => {
    const query = { fieldSelector: `involvedObject.uid=${uid}`, limit: '100' };
    const path = eventPath(namespace);
    const list = await client.request<{ items?: KubernetesEvent[] }>({ method: 'GET', path, query, signal });
    return list.items ?? [];
  };
  let areEventsHidden = false;
  const nothing = (error?: unknown): readonly KubernetesEvent[] => {
    areEventsHidden ||= toApiStatus(error) === 403;
    return [];
  };
  const [now, jobEvents, podEvents, logTail] = await Promise.all([
    findJob({ client, namespace }, job.metadata.name, signal).catch(() => job),
    events(job.metadata.uid).catch(nothing),
    pod ? events(pod.metadata.uid).catch(nothing) : nothing(),
    pod && hasRun(pod) ? readLog({ client, namespace }, pod, signal).catch(() => undefined) : undefined,
  ]);
  signal.throwIfAborted();
  const isSame = now?.metadata.uid === job.metadata.uid;
  return {
    ...(isSame ? { job: now } : {}),
    areEventsHidden,
    jobEvents,
    ...(pod ? { pod } : {}),
    podIsGone,
    podEvents,
    ...(logTail === undefined || logTail === '' ? {} : { logTail }),
  };
}

/** True when a container of the pod has ended: its log tells why. */
export function hasRun({ status }: Pod): boolean {
  return status?.containerStatuses?.some(({ state, lastState }) => state?.terminated ?? lastState?.terminated) ?? false;
}

/** Last lines that our container printed. */
export async function readLog({ client, namespace }: ClusterNamespace, pod: Pod, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  const query = { container: agentContainerName, tailLines: String(logLines) };
  const path = `${podPath(namespace, pod.metadata.name)}/log`;
  for await (const line of client.lines({
    method: 'GET',
    path,
    query,
    signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
  }))
    lines.push(line);
  return lines.join('\n');
}
