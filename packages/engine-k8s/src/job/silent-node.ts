import type { EndCause } from './end-cause.ts';
import { findAgent, type Pod } from './pod.ts';

/**
 * Why nobody knows whether a pod still runs: its node has said nothing for so long that Kubernetes does not count on it any more (50 s by default); undefined where its
 * node answers. A namespace shows that only in this: the pod is not `Ready` though its containers are, and no reason is given, as readiness gates give one.
 */
export function readSilentNode(pod: Pod | undefined): EndCause | undefined {
  const conditions = pod?.status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  const containersReady = conditions.find(({ type }) => type === 'ContainersReady');
  if (ready?.status !== 'False' || ready.reason || containersReady?.status !== 'True') return undefined;
  if (!findAgent(pod)?.state?.running) return undefined;
  const node = pod?.spec?.nodeName ?? '';
  return { reason: 'NodeLost', message: `the node ${node} of the environment does not answer` };
}
