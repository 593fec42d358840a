import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import { metadataOnly, type ObjectMetadata } from '../api/object-metadata.ts';
import type { EnvironmentWatch } from '../watch/namespace-watch.ts';
import { followPodsEnd } from './await-pods-gone.ts';
import { type ClusterNamespace, controllerLabel, jobPath, podPath } from './cluster-namespace.ts';
import { findJob } from './find-job.ts';
import { untilGone } from './until-gone.ts';

/** A Job to remove: only the one with this identity. */
export interface RemovedJob {
  /** Name. */
  readonly name: string;
  /** Identity, the precondition of the deletion. */
  readonly uid: string;
}

interface ObjectList {
  /** `null` where there are none. */
  readonly items?: readonly { readonly metadata: ObjectMetadata }[] | null;
}

const deleteAttempts = 4;
const conflictPauseMs = 50;

/** How long the end of the pods is left to the watch, before it is asked for. */
const watched = { quietMs: 10_000, totalMs: 45_000 } as const;

/**
 * Deletes a Job with its pods, and waits until nothing of it is left: `watch` tells it without asking, where there is one. A Job that is gone, or another of the same name,
 * is fine. Errors: `RECAC_ENGINE_UNAVAILABLE` that names what blocks it, `RECAC_PERMISSION_DENIED` that names what is left.
 */
export async function removeJob(
  cluster: ClusterNamespace,
  job: RemovedJob,
  signal: AbortSignal,
  watch?: EnvironmentWatch,
): Promise<void> {
  const end = watch && followPodsEnd(watch, job.uid);
  const since = performance.now();
  try {
    const isKept = await deleteJob(cluster, job, 'Background', signal);
    // The pods of a Job that a finalizer keeps would run on: in the foreground they go first.
    if (isKept) await deleteJob(cluster, job, 'Foreground', signal);
    if (!(await end?.within(watched, signal)))
      await untilGone('pod', () => listPods(cluster, job, signal), { since, signal });
    if (isKept) await untilGone('job', () => listJob(cluster, job, signal), { since, signal });
  } finally {
    end?.close();
  }
}

/**
 * 409 means that another has its name by now, or, where the one that is meant is still there, that somebody was changing it. True when the Job stays for now: somebody's
 * finalizer is on it.
 */
async function deleteJob(
  cluster: ClusterNamespace,
  job: RemovedJob,
  propagationPolicy: 'Background' | 'Foreground',
  signal: AbortSignal,
): Promise<boolean> {
  for (let left = deleteAttempts; ; left -= 1) {
    try {
      return await sendDelete(cluster, job, propagationPolicy, signal);
    } catch (error) {
      const status = toApiStatus(error);
      if (status === 404) return false;
      if (status === 403) throw toLeft(error, cluster.namespace, job);
      if (status !== 409 || left <= 1) throw error;
      if ((await findJob(cluster, job.name, signal))?.metadata.uid !== job.uid) return false;
      await delay(conflictPauseMs, signal);
    }
  }
}

/** The answer is the Job where it stays, and a Status where it is gone. */
async function sendDelete(
  { client, namespace }: ClusterNamespace,
  { name, uid }: RemovedJob,
  propagationPolicy: 'Background' | 'Foreground',
  signal: AbortSignal,
): Promise<boolean> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, preconditions: { uid } };
  const path = jobPath(namespace, name);
  const { kind } = await client.request<{ readonly kind?: string }>({ method: 'DELETE', path, body, signal });
  return kind === 'Job';
}

/** Nothing more can be done from here: says what stays. */
function toLeft(error: unknown, namespace: string, { name }: RemovedJob): unknown {
  if (!RecacError.isInstance(error)) return error;
  const left = [`job/${name}`];
  return new RecacError(
    error.code,
    `${error.message} Until then job/${name} in namespace ${namespace} is left, with its pod: stop it again with that right, or let somebody who has it say kubectl delete --namespace ${namespace} job/${name}.`,
    { cause: error, details: { ...error.details, left } },
  );
}

async function listPods(
  { client, namespace }: ClusterNamespace,
  job: RemovedJob,
  signal: AbortSignal,
): Promise<readonly ObjectMetadata[]> {
  const list = await client.request<ObjectList>({
    method: 'GET',
    path: podPath(namespace),
    query: { labelSelector: `${controllerLabel}=${job.uid}` },
    accept: metadataOnly,
    signal,
  });
  return (list.items ?? []).map(({ metadata }) => metadata);
}

async function listJob(
  cluster: ClusterNamespace,
  { name, uid }: RemovedJob,
  signal: AbortSignal,
): Promise<readonly ObjectMetadata[]> {
  const found = await findJob(cluster, name, signal);
  return found?.metadata.uid === uid ? [found.metadata] : [];
}
