import type { NewJob } from './job-object.ts';
import { agentContainerName, hasEnded, type Pod } from './pod.ts';

/** Names of the containers beside ours that have not ended, and so keep a pod whose environment has; native sidecars do not. */
export function findKeepers(pod: Pod): readonly string[] {
  if (hasEnded(pod)) return [];
  const containers = pod.status?.containerStatuses ?? [];
  return containers
    .filter(({ name, state }) => name !== agentContainerName && state?.terminated === undefined)
    .map(({ name }) => name);
}

/** Sentences on containers that the cluster has put into a pod, as an admission webhook does, and that will keep it when the environment has ended. The plan warns of its own. */
export function warnOfKeepers({ spec }: Pod, planned: NewJob): readonly string[] {
  const known = new Set(planned.spec.template.spec.containers.map(({ name }) => name));
  const added = (spec?.containers ?? []).filter(({ name }) => !known.has(name));
  return added.map(
    ({ name }) =>
      `the container ${name}, which the cluster has put beside ours, keeps the pod when the environment has ended, as after its lease, until somebody stops it: let it be put there as a native sidecar, or except the pods of recac`,
  );
}
