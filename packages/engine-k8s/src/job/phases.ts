import type { StartPhase } from '@recac/engine-core';
import { findTrue } from './job-object.ts';
import { findEvents, type KubernetesEvent } from './kubernetes-event.ts';
import { agentContainerName, findAgent, type Pod } from './pod.ts';

/**
 * The step of a start that an environment is in: `admit` until there is a pod, `schedule` until it has a node, `pull` while volumes and images come, `start`
 * when the image is there, `ready` once our container runs.
 */
export function toStartPhase(pod: Pod | undefined, podEvents: readonly KubernetesEvent[] = []): StartPhase {
  if (pod === undefined) return 'admit';
  if (pod.spec?.nodeName === undefined && !findTrue(pod.status?.conditions, 'PodScheduled')) return 'schedule';
  const agent = findAgent(pod);
  if (agent?.state?.running !== undefined || agent?.state?.terminated !== undefined) return 'ready';
  const isImageThere =
    (agent?.imageID ?? '') !== '' || findEvents(podEvents, 'Pulled', 'Created', 'Started').some(isOfAgent);
  const isCreating = [
    'CreateContainerConfigError',
    'CreateContainerError',
    'RunContainerError',
    'CrashLoopBackOff',
  ].includes(agent?.state?.waiting?.reason ?? '');
  return isImageThere || isCreating ? 'start' : 'pull';
}

/** Events of other containers say which in their field path. */
function isOfAgent({ involvedObject }: KubernetesEvent): boolean {
  const fieldPath = involvedObject?.fieldPath;
  return fieldPath === undefined || fieldPath === `spec.containers{${agentContainerName}}`;
}
