import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import type { ObjectMetadata } from '../api/object-metadata.ts';
import type { EnvironmentWatch } from '../watch/namespace-watch.ts';
import { followPodsEnd } from './await-pods-gone.ts';
import { type ClusterNamespace, controllerLabel, jobPath, podPath } from './cluster-namespace.ts';
import { findJob } from './find-job.ts';

/** A Job to remove: only the one with this identity. */
export interface RemovedJob {
  /** Name. */
  readonly name: string;
  /** Identity, the precondition of the deletion. */
  readonly uid: string;
}

interface ObjectList {
  readonly items?: readonly { readonly metadata: ObjectMetadata }[];
}

/** Lists carry only names and times, not whole pods. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** The kubelet's grace of five seconds and a busy node. */
const goneDeadlineMs = 60_000;
const deleteAttempts = 4;
const firstPauseMs = 50;
const longestPauseMs = 500;

/** How long the end of the pods is left to the watch, before it is asked for. */
const watchedMs = 10_000;

/**
 * Deletes a Job with its pods, and waits until no pod of it is left: `watch` tells it without asking, where there is one. A Job that is gone, or another of the same name,
 * is fine. Errors: `RECAC_ENGINE_UNAVAILABLE` that names what blocks it, `RECAC_PERMISSION_DENIED`.
 */
export async function removeJob(
  cluster: ClusterNamespace,
  job: RemovedJob,
  signal: AbortSignal,
  watch?: EnvironmentWatch,
): Promise<void> {
  const end = watch && followPodsEnd(watch, job.uid);
  try {
    await deleteJob(cluster, job, signal);
    if (await end?.within(watchedMs, signal)) return;
    await untilPodsGone(cluster, job, signal);
  } finally {
    end?.close();
  }
}

/** 409 means that another has its name by now, or, where the one that is meant is still there, that somebody was changing it. */
async function deleteJob(cluster: ClusterNamespace, job: RemovedJob, signal: AbortSignal): Promise<void> {
  for (let left = deleteAttempts; ; left -= 1) {
    try {
      await sendDelete(cluster, job, signal);
      return;
    } catch (error) {
      const status = toApiStatus(error);
      if (status === 404) return;
      if (status !== 409 || left <= 1) throw error;
      if ((await findJob(cluster, job.name, signal))?.metadata.uid !== job.uid) return;
      await delay(firstPauseMs, signal);
    }
  }
}

async function sendDelete(
  { client, namespace }: ClusterNamespace,
  { name, uid }: RemovedJob,
  signal: AbortSignal,
): Promise<void> {
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    preconditions: { uid },
  };
  await client.request({ method: 'DELETE', path: jobPath(namespace, name), body, signal });
}

async function untilPodsGone(cluster: ClusterNamespace, job: RemovedJob, signal: AbortSignal): Promise<void> {
  const { client, namespace } = cluster;
  const query = { labelSelector: `${controllerLabel}=${job.uid}` };
  const giveUpAt = performance.now() + goneDeadlineMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const list = await client.request<ObjectList>({
      method: 'GET',
      path: podPath(namespace),
      query,
      accept: metadataOnly,
      signal,
    });
    const left = list.items ?? [];
    if (left.length === 0) return;
    if (performance.now() > giveUpAt) throw toBlocked(left.map(({ metadata }) => metadata));
    await delay(pauseMs, signal);
    signal.throwIfAborted();
  }
}

function toBlocked(pods: readonly ObjectMetadata[]): RecacError {
  const blocked = pods.filter(({ finalizers = [] }) => finalizers.length > 0);
  const [pod] = blocked.length > 0 ? blocked : pods;
  const finalizers = pod?.finalizers ?? [];
  const cause =
    finalizers.length > 0
      ? `it waits for ${finalizers.join(', ')}, which whoever set that must remove`
      : 'its node does not confirm the end. Look at the node';
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `the pod ${pod?.name} is being deleted, but ${cause}. It goes by itself once that is done.`,
    { details: { stuck: true, pods: pods.map(({ name }) => name), finalizers } },
  );
}
