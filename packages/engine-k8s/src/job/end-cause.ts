import { toServerWords } from '../api/server-words.ts';
import { type Condition, findTrue, type Job } from './job-object.ts';
import { keepAliveEnds } from './keep-alive-script.ts';
import { type ContainerState, type ContainerStatus, findAgent, hasEnded, type Pod } from './pod.ts';
import { readRestart } from './restart.ts';
import { readSilentNode } from './silent-node.ts';
import type { Evidence } from './start-failure.ts';

/** What an end is read from. */
export type EndEvidence = Omit<Evidence, 'jobEvents' | 'podEvents' | 'areEventsHidden'>;

/** Why an environment ended. */
export interface EndCause {
  /** Stable word, such as `OOMKilled`. */
  readonly reason: string;
  /** The cause in a sentence without its full stop. */
  readonly message: string;
}

const jobEnds: Readonly<Record<string, string>> = {
  DeadlineExceeded:
    'the environment reached the end of its longest life, or its start was never finished (activeDeadlineSeconds)',
  BackoffLimitExceeded: 'the pod of the environment failed',
  PodFailurePolicy: 'the pod of the environment failed by a rule of its failure policy',
};

const disruptions: Readonly<Record<string, string>> = {
  PreemptionByScheduler: 'the environment was removed to make room for a pod of higher priority',
  DeletionByTaintManager: 'the environment was removed because its node was tainted or did not answer',
  EvictionByEvictionAPI: 'the environment was evicted, as when a node is drained',
  DeletionByPodGC: 'the environment was removed because its node is gone',
  TerminationByKubelet: 'the node ended the environment, because it ran out of something or shuts down',
};

/**
 * Why an environment ended or is ending; undefined when it did not, as far as the evidence shows. The narrower cause wins: what the kubelet says of our
 * container and the pod before what the Job makes of it.
 */
export function readEnd(evidence: EndEvidence): EndCause | undefined {
  const { job, pod } = evidence;
  return (
    readOutsideEnd(evidence) ??
    readRestart(job, pod) ??
    readTermination(readTerminated(findAgent(pod)), pod) ??
    readPodEnd(pod) ??
    (isDeleted(evidence) || hasLostPod(evidence) ? toDeleted() : readJobEnd(job))
  );
}

/** How a container ended; also while it waits to be started again. Undefined while it runs, and before it does. */
export function readTerminated(container: ContainerStatus | undefined): ContainerState['terminated'] {
  const { state, lastState } = container ?? {};
  return state?.terminated ?? (state?.running === undefined ? lastState?.terminated : undefined);
}

/** Pods that fail stay, until their Job goes: where there is none, somebody has deleted it. */
function hasLostPod({ job, pod }: EndEvidence): boolean {
  return pod === undefined && findTrue(job?.status?.conditions, 'Failed')?.reason === 'BackoffLimitExceeded';
}

/** Why the cluster ended an environment that did nothing wrong itself: eviction, preemption, a node that is lost, the end of its longest life. */
export function readOutsideEnd({ job, pod }: EndEvidence): EndCause | undefined {
  const conditions = job?.status?.conditions ?? [];
  const deadline = conditions.find(({ reason, status }) => reason === 'DeadlineExceeded' && status === 'True');
  return readDisruption(pod) ?? (deadline && toJobEnd('DeadlineExceeded', deadline));
}

/** True when somebody deletes or deleted the Job or its pod. */
export function isDeleted({ job, pod, podIsGone = false }: EndEvidence): boolean {
  const isGoing = job === undefined || job.metadata.deletionTimestamp !== undefined;
  return isGoing || podIsGone || pod?.metadata.deletionTimestamp !== undefined;
}

/** The cause in a sentence, for `diagnose`; undefined when the environment did not end, as far as anybody knows. */
export function explainEnd(evidence: EndEvidence): string | undefined {
  return (readEnd(evidence) ?? readSilentNode(evidence.pod))?.message;
}

function readDisruption(pod: Pod | undefined): EndCause | undefined {
  const condition = findTrue(pod?.status?.conditions, 'DisruptionTarget');
  const { reason, message } = pod?.status ?? {};
  if (reason === 'Evicted') return withWords('Evicted', 'the node evicted the environment', message);
  if (reason === 'NodeLost') return withWords('NodeLost', 'the node of the environment does not answer', message);
  if (condition === undefined) return undefined;
  const isNode = condition.reason === 'DeletionByTaintManager' || condition.reason === 'DeletionByPodGC';
  const word = condition.reason === 'PreemptionByScheduler' ? 'Preempted' : isNode ? 'NodeLost' : 'Evicted';
  const sentence = disruptions[condition.reason ?? ''] ?? 'the cluster removed the environment';
  return withWords(word, sentence, condition.message);
}

function readTermination(end: ContainerState['terminated'], pod: Pod | undefined): EndCause | undefined {
  if (end === undefined) return undefined;
  if (end.reason === 'OOMKilled')
    return {
      reason: 'OOMKilled',
      message: 'the environment was killed because it used more memory than its limit (OOMKilled)',
    };
  if (end.message?.includes(keepAliveEnds.leaseExpired.message))
    return { reason: 'LeaseExpired', message: 'the lease of the environment ran out' };
  if (end.message?.includes(keepAliveEnds.workspaceNotWritable.message))
    return { reason: 'WorkspaceNotWritable', message: "the workspace cannot be written by the environment's user" };
  if (pod?.status?.reason === 'DeadlineExceeded') return toJobEnd('DeadlineExceeded', undefined);
  if (pod?.metadata.deletionTimestamp !== undefined) return toDeleted();
  if (end.reason === 'ContainerStatusUnknown')
    return { reason: 'NodeLost', message: 'the node lost the container of the environment, as after a restart' };
  const how = end.exitCode > 128 ? `was killed (exit code ${end.exitCode})` : `ended (exit code ${end.exitCode})`;
  const word = end.reason === undefined || end.reason === 'Error' || end.reason === 'Completed' ? 'Exited' : end.reason;
  return withWords(word, `the main process of the environment ${how}`, end.message);
}

function readPodEnd(pod: Pod | undefined): EndCause | undefined {
  if (!hasEnded(pod)) return undefined;
  const { reason, message } = pod?.status ?? {};
  if (reason === 'DeadlineExceeded') return toJobEnd(reason, undefined);
  return withWords(
    reason ?? 'Exited',
    `the pod of the environment ended${reason === undefined ? '' : ` (${reason})`}`,
    message,
  );
}

function readJobEnd(job: Job | undefined): EndCause | undefined {
  const conditions = job?.status?.conditions;
  const failed = findTrue(conditions, 'Failed') ?? findTrue(conditions, 'FailureTarget');
  if (failed) return toJobEnd(failed.reason ?? 'Failed', failed);
  if (findTrue(conditions, 'Complete') ?? findTrue(conditions, 'SuccessCriteriaMet'))
    return { reason: 'Exited', message: 'the main process of the environment ended' };
  return undefined;
}

function toJobEnd(reason: string, condition: Condition | undefined): EndCause {
  return withWords(reason, jobEnds[reason] ?? `the Job of the environment failed (${reason})`, condition?.message);
}

function toDeleted(): EndCause {
  return { reason: 'DeletedByOthers', message: 'the environment was deleted from outside' };
}

function withWords(reason: string, sentence: string, words: string | undefined): EndCause {
  const plain = toServerWords(words ?? '').replace(/[.\s]+$/, '');
  return { reason, message: plain === '' ? sentence : `${sentence}: ${plain}` };
}
