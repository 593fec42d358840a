import { toForeignFinalizers } from './foreign-finalizers.ts';
import type { Job } from './job-object.ts';
import { hasEnded, type Pod } from './pod.ts';

/**
 * The Job of a pod that outlives it, as far as the pod tells: a Job that is deleted goes at once, and its pod stays until the node has confirmed the end, which one that is dead
 * never does. Undefined for a pod without a Job, and for one that has ended and is only cleared away.
 */
export function toGoneJob(pod: Pod): Job | undefined {
  const { metadata } = pod;
  const owner = metadata.ownerReferences?.find(({ apiVersion, kind }) => apiVersion === 'batch/v1' && kind === 'Job');
  if (owner === undefined || (hasEnded(pod) && toForeignFinalizers(metadata).length === 0)) return undefined;
  const { namespace, labels, annotations, creationTimestamp, deletionTimestamp = creationTimestamp } = metadata;
  return {
    metadata: {
      name: owner.name,
      uid: owner.uid,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
  };
}
