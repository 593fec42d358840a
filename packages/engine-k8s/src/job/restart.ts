import { provedAnnotation } from './job-labels.ts';
import type { Job } from './job-object.ts';
import { findAgent, type Pod } from './pod.ts';

/**
 * That our container is not the first of its environment any more: its processes and records are gone, so the environment is, whatever Kubernetes says.
 * Undefined when it is the first.
 */
export function readRestart(
  job: Job | undefined,
  pod: Pod | undefined,
): { readonly reason: string; readonly message: string } | undefined {
  const agent = findAgent(pod);
  if (isReplaced(job, pod))
    return {
      reason: 'PodReplaced',
      message: 'the pod of the environment was replaced: its processes and files are gone',
    };
  if ((agent?.restartCount ?? 0) === 0) return undefined;
  const isMemory = agent?.lastState?.terminated?.reason === 'OOMKilled';
  const why = isMemory ? ' after it used more memory than its limit (OOMKilled)' : '';
  return {
    reason: 'ContainerRestarted',
    message: `the container of the environment was started again${why}: its processes are gone`,
  };
}

/**
 * The shell that answered first was in another pod, or the Job has counted one that failed; the count comes later, and may have missed one that was deleted. One that the Job itself
 * ends, as at its deadline, is counted while it still lives.
 */
function isReplaced(job: Job | undefined, pod: Pod | undefined): boolean {
  if (job === undefined || pod === undefined || !isAlive(pod)) return false;
  const proved = job.metadata.annotations?.[provedAnnotation];
  const isOtherCounted = (job.status?.failed ?? 0) > 0 && pod.metadata.deletionTimestamp === undefined;
  return isOtherCounted || (proved !== undefined && proved !== pod.metadata.uid);
}

function isAlive(pod: Pod): boolean {
  return pod.status?.phase === 'Pending' || pod.status?.phase === 'Running';
}
