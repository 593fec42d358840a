import type { EnvironmentPhase, EnvironmentStatus } from '@recac/engine-core';
import { toEnvironmentId } from './environment-id.ts';
import { fromJobMetadata } from './job-labels.ts';
import { findTrue, type Job } from './job-object.ts';
import { findAgent, type Pod } from './pod.ts';

interface Standing {
  readonly phase: EnvironmentPhase;
  readonly reason?: string;
  readonly message?: string;
}

/** The status of a Job of ours and its pod; undefined when the Job is not ours, or ended by itself because its lease ran out. */
export function toEnvironmentStatus(job: Job, pod: Pod | undefined): EnvironmentStatus | undefined {
  const labels = fromJobMetadata(job.metadata);
  if (!labels || hasEndedInOrder(job, pod)) return undefined;
  const { namespace = '', name, uid, creationTimestamp = '' } = job.metadata;
  return {
    id: toEnvironmentId({ namespace, name, uid }),
    sessionId: labels.sessionId,
    name: labels.name,
    backend: 'kubernetes',
    workspacePath: labels.workspacePath,
    createdAt: new Date(creationTimestamp),
    ...toStanding(job, pod),
    labels: labels.callerLabels,
    image: labels.image,
    ...(labels.leaseMs === undefined ? {} : { leaseMs: labels.leaseMs }),
  };
}

/** Process 1 ends with 0 only when its lease has run out, or on SIGTERM: such an environment is gone, though its Job is kept for a while. */
export function hasEndedInOrder(job: Job, pod: Pod | undefined): boolean {
  return findTrue(job.status?.conditions, 'Complete') !== undefined || pod?.status?.phase === 'Succeeded';
}

/** Why an environment does not run, in a sentence; undefined when it does, or nobody knows. */
export function explainEnd(job: Job | undefined, pod: Pod | undefined): string | undefined {
  if (job === undefined) return 'its Job was deleted';
  const { phase, reason, message } = toStanding(job, pod);
  if (phase === 'Running') return undefined;
  if (phase === 'Terminating') return 'it is being deleted';
  if (hasEndedInOrder(job, pod)) return 'its lease ran out, or it was stopped';
  if (reason === undefined) return undefined;
  return message === undefined ? `it failed: ${reason}` : `it failed: ${reason}: ${message}`;
}

function toStanding(job: Job, pod: Pod | undefined): Standing {
  const deleting = job.metadata.deletionTimestamp ?? pod?.metadata.deletionTimestamp;
  const disruption = findTrue(pod?.status?.conditions, 'DisruptionTarget');
  if (disruption) return toFailed(disruption.reason ?? 'Disrupted', disruption.message);
  const agent = pod && findAgent(pod);
  const ended = agent?.state?.terminated ?? agent?.lastState?.terminated;
  if (ended?.reason === 'OOMKilled') return toFailed('OOMKilled', 'the memory limit was reached by the main process');
  if ((agent?.restartCount ?? 0) > 0) return toFailed('ContainerRestarted', 'its processes and files are gone');
  if (deleting !== undefined) return { phase: 'Terminating' };
  if (pod?.status?.phase === 'Failed')
    return toFailed(pod.status.reason ?? ended?.reason ?? 'Failed', pod.status.message ?? ended?.message);
  const failed = findTrue(job.status?.conditions, 'Failed') ?? findTrue(job.status?.conditions, 'FailureTarget');
  if (failed) return toFailed(failed.reason ?? 'Failed', failed.message);
  if (agent?.state?.terminated)
    return toFailed(agent.state.terminated.reason ?? 'Exited', agent.state.terminated.message);
  if (agent?.state?.running) return { phase: 'Running' };
  const waiting = agent?.state?.waiting;
  return {
    phase: 'Pending',
    ...(waiting?.reason === undefined ? {} : { reason: waiting.reason }),
    ...(waiting?.message === undefined ? {} : { message: waiting.message }),
  };
}

function toFailed(reason: string, message: string | undefined): Standing {
  return { phase: 'Failed', reason, ...(message === undefined || message === '' ? {} : { message }) };
}
