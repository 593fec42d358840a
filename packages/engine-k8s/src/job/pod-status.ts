import type { EnvironmentPhase, EnvironmentStatus } from '@recac/engine-core';
import { type EndCause, readEnd, readOutsideEnd } from './end-cause.ts';
import { toEnvironmentId } from './environment-id.ts';
import { toForeignFinalizers } from './foreign-finalizers.ts';
import { fromJobMetadata } from './job-labels.ts';
import { findTrue, type Job } from './job-object.ts';
import { findAgent, hasEnded, type Pod } from './pod.ts';
import { findKeepers } from './pod-keepers.ts';
import { readRestart } from './restart.ts';
import { readSilentNode } from './silent-node.ts';

/** The status of an environment from its Job and its pod; undefined when the Job is not ours. The pod is the newest of the Job, or undefined while there is none. */
export function toEnvironmentStatus(job: Job, pod: Pod | undefined): EnvironmentStatus | undefined {
  const labels = fromJobMetadata(job.metadata);
  const { namespace, name, uid, creationTimestamp } = job.metadata;
  if (labels === undefined || namespace === undefined) return undefined;
  const { phase, ...cause } = toPhase(job, pod);
  return {
    id: toEnvironmentId({ namespace, name, uid }),
    sessionId: labels.sessionId,
    name: labels.name,
    backend: 'kubernetes',
    workspacePath: labels.workspacePath,
    createdAt: new Date(creationTimestamp ?? 0),
    phase,
    ...cause,
    labels: labels.callerLabels,
    image: labels.image,
    ...(labels.leaseMs === undefined ? {} : { leaseMs: labels.leaseMs }),
  };
}

/**
 * As {@link toEnvironmentStatus}; undefined also where a lease ended the environment in order: its Job only waits to be cleared away. One whose pod another container keeps is
 * shown, since it stays until somebody stops it.
 */
export function toShownStatus(job: Job, pod: Pod | undefined): EnvironmentStatus | undefined {
  const status = toEnvironmentStatus(job, pod);
  if (status?.reason !== 'LeaseExpired') return status;
  const keepers = pod === undefined ? [] : findKeepers(pod);
  if (keepers.length === 0) return undefined;
  return {
    ...status,
    message: `${status.message}, but the container ${keepers.join(', ')} keeps its pod: stop the environment`,
  };
}

/** The newest pod of a Job among some; undefined when it has none. Pods that somebody else made with the same labels do not count. */
export function findPodOfJob(job: Job, pods: readonly Pod[]): Pod | undefined {
  return pods
    .filter((pod) => isPodOf(pod, job.metadata.uid))
    .toSorted((left, right) => toTime(right) - toTime(left))[0];
}

/** True when the Job with this identity owns a pod. */
export function isPodOf({ metadata }: Pick<Pod, 'metadata'>, jobUid: string): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === jobUid) ?? false;
}

interface PhaseAndCause {
  readonly phase: EnvironmentPhase;
  readonly reason?: string;
  readonly message?: string;
}

function toPhase(job: Job, pod: Pod | undefined): PhaseAndCause {
  const restart = readRestart(job, pod);
  const isGoing = job.metadata.deletionTimestamp !== undefined;
  if (isGoing) return { phase: 'Terminating', ...readDelay(job, pod) };
  if (restart) return { phase: 'Failed', ...restart };
  const end = readEnd({ job, ...(pod === undefined ? {} : { pod }) });
  if (isGivenUp(pod)) return { phase: 'Terminating', ...(readSilentNode(pod) ?? end) };
  if (end) return { phase: 'Failed', ...end };
  if (findTrue(job.status?.conditions, 'Suspended'))
    return { phase: 'Pending', reason: 'Suspended', message: 'the Job is suspended' };
  const silence = readSilentNode(pod);
  if (silence) return { phase: 'Unknown', ...silence };
  const agent = findAgent(pod);
  if (agent?.state?.running) return { phase: 'Running' };
  if (pod?.status?.phase === 'Unknown') return { phase: 'Unknown', reason: 'NodeLost' };
  const reason = agent?.state?.waiting?.reason;
  return { phase: 'Pending', ...(reason === undefined ? {} : { reason }) };
}

/** A pod that is being deleted, or is about to be: Kubernetes says why a moment before. It has not ended; where its node is silent nobody will tell when it has. */
function isGivenUp(pod: Pod | undefined): boolean {
  if (pod?.metadata.deletionTimestamp !== undefined) return true;
  return !hasEnded(pod) && findTrue(pod?.status?.conditions, 'DisruptionTarget') !== undefined;
}

/** What keeps a Job that is being deleted, or its pod: our own deletion sets none but Kubernetes' own finalizers. */
function readDelay(job: Job, pod: Pod | undefined): EndCause | undefined {
  const byJob = toForeignFinalizers(job.metadata);
  if (byJob.length > 0) return toBlocked('Job', byJob);
  const byPod = toForeignFinalizers(pod?.metadata ?? {});
  if (byPod.length > 0) return toBlocked('pod', byPod);
  return readSilentNode(pod) ?? readOutsideEnd({ ...(pod && { pod }) });
}

function toBlocked(kind: 'Job' | 'pod', finalizers: readonly string[]): EndCause {
  return {
    reason: 'FinalizerBlocks',
    message: `the finalizer ${finalizers.join(', ')} keeps the ${kind}; whoever put it there must remove it`,
  };
}

function toTime({ metadata }: Pod): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}
