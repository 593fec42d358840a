import { readAdmissionFailure } from './admission-failure.ts';
import { readContainerFailure } from './container-failure.ts';
import { type EndCause, isDeleted, readEnd, readOutsideEnd } from './end-cause.ts';
import { findTrue } from './job-object.ts';
import { findEvents, type KubernetesEvent, toEventTime } from './kubernetes-event.ts';
import { toStartPhase } from './phases.ts';
import { findAgent, type Pod } from './pod.ts';
import { readPullFailure } from './pull-failure.ts';
import { readSandboxFailure } from './sandbox-failure.ts';
import { readScheduleFailure } from './schedule-failure.ts';
import type { Evidence, StartFailure } from './start-failure.ts';
import { readVolumeFailure } from './volume-failure.ts';

/**
 * Why an environment that was just created does not run yet, or will never; undefined when nothing is wrong as far as the evidence shows. Only our container
 * and those that must run before it count: a sidecar of others that fails does not.
 */
export function readStartFailure(evidence: Evidence): StartFailure | undefined {
  return (
    readOutside(evidence) ??
    readAdmissionFailure(evidence) ??
    readScheduleFailure(evidence) ??
    readContainers(evidence) ??
    readMounts(evidence) ??
    readEnded(evidence)
  );
}

/** What the cluster or somebody else did to it explains a container that was killed, so it comes before what is read from the container. */
function readOutside(evidence: Evidence): StartFailure | undefined {
  const end = readOutsideEnd(evidence) ?? (isDeleted(evidence) ? readEnd(evidence) : undefined);
  return end && toFailure(end, evidence);
}

function readContainers(evidence: Evidence): StartFailure | undefined {
  const { pod } = evidence;
  const agent = findAgent(pod);
  for (const container of pod?.status?.initContainerStatuses ?? []) {
    const isDone = container.state?.terminated?.exitCode === 0 || container.state?.running !== undefined;
    const failure = isDone
      ? undefined
      : (readPullFailure(evidence, container) ?? readContainerFailure({ ...evidence, logTail: '' }, container));
    if (failure) return { ...failure, message: `init container ${container.name}: ${failure.message}` };
  }
  return agent && (readPullFailure(evidence, agent) ?? readContainerFailure(evidence, agent));
}

function readMounts(evidence: Evidence): StartFailure | undefined {
  const { pod } = evidence;
  if (pod?.status?.phase !== 'Pending' || pod.spec?.nodeName === undefined || hasContainer(pod)) return undefined;
  if (findTrue(pod.status.conditions, 'PodReadyToStartContainers')) return undefined;
  const left = { ...evidence, podEvents: withoutOvercome(evidence.podEvents) };
  return readVolumeFailure(left) ?? readSandboxFailure(left);
}

/** Older servers say only after the pull that volumes and sandbox are there, and the events of a failure stay. But no image is looked for before both are there. */
function withoutOvercome(podEvents: readonly KubernetesEvent[]): readonly KubernetesEvent[] {
  const [pull] = findEvents(podEvents, 'Pulling', 'Pulled');
  if (pull === undefined) return podEvents;
  return podEvents.filter((event) => toEventTime(event) > toEventTime(pull));
}

function hasContainer(pod: Pod): boolean {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return all.some(({ state, containerID }) => state?.running !== undefined || (containerID ?? '') !== '');
}

function readEnded(evidence: Evidence): StartFailure | undefined {
  const end = readEnd(evidence);
  return end && toFailure(end, evidence);
}

function toFailure({ reason, message }: EndCause, evidence: Evidence): StartFailure {
  return {
    phase: toStartPhase(evidence.pod, evidence.podEvents),
    reason,
    message: `${message}. Start another environment${reason === 'OOMKilled' ? ' with a higher memory limit' : ''}.`,
    code: 'RECAC_ENVIRONMENT_START_FAILED',
    isFinal: true,
    evidence: [reason],
  };
}
