import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import { findTrue, type Job, type NewJob } from '../job/job-object.ts';
import { readPassingRefusal } from '../job/passing-refusal.ts';
import { hasEnded } from '../job/pod.ts';
import { toEnvironmentStatus } from '../job/pod-status.ts';
import { type ClusterNamespace, jobPath } from './cluster-namespace.ts';
import { findJob } from './find-job.ts';
import { readEnvironment } from './list-environments.ts';
import { removeJob } from './remove-job.ts';
import { isServerFailure, ServerPatience } from './server-patience.ts';

/** How a Job is made. */
export interface CreateJobOptions {
  /** True for a Job that this very attempt has made: the answer to its creation was lost. */
  readonly isOurAttempt: (job: Job) => boolean;
  /** True for a Job that recac has made for this session. */
  readonly isOurs: (job: Job) => boolean;
  /** Told what is waited for. Default: a quota that is used up and a webhook that does not answer are not waited for. */
  readonly onWait?: (message: string) => void;
  /** Cancels it. */
  readonly signal: AbortSignal;
}

/** How often it is looked whether a quota has room again, or a webhook answers. */
const refusalPauseMs = 1_500;
const pauseMs = 200;
/** Longest look for a Job whose creation was not answered: a server that does not answer that either is asked to create it again. */
const lookMs = 5_000;

/**
 * Creates a Job once, also when the answer is lost: then it is looked for before it is tried again. One of the same name that has ended, or is going, makes
 * room. A quota that is used up and a webhook that does not answer are waited for; an API server that fails or does not answer for half a minute, and for two tries at least.
 * Errors: `RECAC_ENVIRONMENT_CONFLICT`, `RECAC_PERMISSION_DENIED`, `RECAC_INVALID_ARGUMENT`, `RECAC_ENGINE_UNAVAILABLE`.
 */
export async function createJob(cluster: ClusterNamespace, job: NewJob, options: CreateJobOptions): Promise<Job> {
  const { signal, onWait } = options;
  const patience = new ServerPatience({ onWait, signal });
  for (;;) {
    try {
      return await cluster.client.request<Job>({
        method: 'POST',
        path: jobPath(cluster.namespace),
        body: job,
        signal,
      });
    } catch (error) {
      const refusal = onWait && readPassingRefusal(error);
      if (refusal !== undefined) {
        onWait?.(refusal);
        await delay(refusalPauseMs, signal);
        signal.throwIfAborted();
        patience.restart();
        continue;
      }
      if (signal.aborted || !(isServerFailure(error) || toApiStatus(error) === 409)) throw error;
      const holder = await lookFor(cluster, job, signal);
      if (holder && options.isOurAttempt(holder)) return holder;
      if (holder) {
        await makeRoom(cluster, holder, options);
        patience.restart();
      } else await patience.pause(error);
    }
  }
}

/** Undefined also when the server cannot tell: a Job of the name is met again by the next try. */
async function lookFor(cluster: ClusterNamespace, job: NewJob, signal: AbortSignal): Promise<Job | undefined> {
  try {
    return await findJob(cluster, job.metadata.name, signal, lookMs);
  } catch (error) {
    if (signal.aborted || !isServerFailure(error)) throw error;
    return undefined;
  }
}

/** True when an environment has ended, so that another may have its name. The pod tells before the Job: the Job's controller may take seconds to see that a lease has ended it. */
async function isReplaceable(cluster: ClusterNamespace, job: Job, signal: AbortSignal): Promise<boolean> {
  const { conditions } = job.status ?? {};
  if (job.metadata.deletionTimestamp !== undefined) return true;
  if (findTrue(conditions, 'Failed') || findTrue(conditions, 'Complete')) return true;
  const pod = (await readEnvironment(cluster, job.metadata, signal))?.pod;
  return hasEnded(pod) || toEnvironmentStatus(job, pod)?.reason === 'LeaseExpired';
}

async function makeRoom(cluster: ClusterNamespace, holder: Job, { isOurs, signal }: CreateJobOptions): Promise<void> {
  const { name, uid } = holder.metadata;
  const ours = isOurs(holder);
  if (!ours || !(await isReplaceable(cluster, holder, signal))) {
    const whose = ours
      ? 'it is in use: stop the session first, or choose another name'
      : 'it is not ours. Choose another session name';
    throw new RecacError(
      'RECAC_ENVIRONMENT_CONFLICT',
      `a Job named ${name} exists in namespace ${cluster.namespace}; ${whose}.`,
      {
        details: { name, namespace: cluster.namespace, ours },
      },
    );
  }
  await removeJob(cluster, { name, uid }, signal);
  while ((await findJob(cluster, name, signal))?.metadata.uid === uid) await delay(pauseMs, signal);
}
