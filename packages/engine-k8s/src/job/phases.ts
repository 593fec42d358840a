import type { StartPhase } from '@recac/engine-core';
import { findTrue } from './job-object.ts';
import { findAgent, type Pod } from './pod.ts';

/** The step of its start that a pod is in. Pulling shows only in events and in the waiting reasons of a pull that fails. */
export function toStartPhase(pod: Pod): StartPhase {
  if (findTrue(pod.status?.conditions, 'PodScheduled') === undefined && pod.spec?.nodeName === undefined)
    return 'schedule';
  const reason = findAgent(pod)?.state?.waiting?.reason;
  if (reason !== undefined && /image/i.test(reason)) return 'pull';
  return 'start';
}
