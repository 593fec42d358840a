import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import { readUsedUpQuota } from '../job/admission-failure.ts';
import { findTrue, type Job, type NewJob } from '../job/job-object.ts';
import { toEnvironmentStatus } from '../job/pod-status.ts';
import { type ClusterNamespace, jobPath } from './cluster-namespace.ts';
import { findJob } from './find-job.ts';
import { readEnvironment } from './list-environments.ts';
import { removeJob } from './remove-job.ts';

/** How a Job is made. */
export interface CreateJobOptions {
  /** True for a Job that this very attempt has made: the answer to its creation was lost. */
  readonly isOurAttempt: (job: Job) => boolean;
  /** True for a Job that recac has made for this session. */
  readonly isOurs: (job: Job) => boolean;
  /** Told what is waited for while a quota on Jobs is used up. Default: it is not waited for. */
  readonly onWait?: (message: string) => void;
  /** Cancels it. */
  readonly signal: AbortSignal;
}

/** How often it is looked whether a quota has room again. */
const quotaPauseMs = 1_500;
const attempts = 4;
const pauseMs = 200;

/**
 * Creates a Job once, also when the answer is lost: then it is looked for before it is tried again. One of the same name that has ended, or is going, makes
 * room. A quota that is used up is waited for. Errors: `RECAC_ENVIRONMENT_CONFLICT`, `RECAC_PERMISSION_DENIED`, `RECAC_INVALID_ARGUMENT`, `RECAC_ENGINE_UNAVAILABLE`.
 */
export async function createJob(cluster: ClusterNamespace, job: NewJob, options: CreateJobOptions): Promise<Job> {
  const { signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await cluster.client.request<Job>({
        method: 'POST',
        path: jobPath(cluster.namespace),
        body: job,
        signal,
      });
    } catch (error) {
      const status = toApiStatus(error);
      const quota = status === 403 && options.onWait ? readUsedUpQuota((error as Error).message) : undefined;
      if (quota !== undefined) {
        options.onWait?.(quota);
        await delay(quotaPauseMs, signal);
        signal.throwIfAborted();
        continue;
      }
      const mayExist = status === undefined || status === 409 || status >= 500;
      if (signal.aborted || !mayExist) throw error;
      const holder = await findJob(cluster, job.metadata.name, signal);
      if (holder && options.isOurAttempt(holder)) return holder;
      if (holder) await makeRoom(cluster, holder, options);
      else if (attempt >= attempts) throw error;
      else await delay(pauseMs, signal);
    }
  }
}

/** The pod tells before the Job: the Job's controller may take seconds to see that a lease has ended it. */
async function isOver(cluster: ClusterNamespace, job: Job, signal: AbortSignal): Promise<boolean> {
  const { conditions } = job.status ?? {};
  if (job.metadata.deletionTimestamp !== undefined) return true;
  if (findTrue(conditions, 'Failed') || findTrue(conditions, 'Complete')) return true;
  const pod = (await readEnvironment(cluster, job.metadata, signal))?.pod;
  const phase = pod?.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || toEnvironmentStatus(job, pod)?.reason === 'LeaseExpired';
}

async function makeRoom(cluster: ClusterNamespace, holder: Job, { isOurs, signal }: CreateJobOptions): Promise<void> {
  const { name, uid } = holder.metadata;
  const ours = isOurs(holder);
  if (!ours || !(await isOver(cluster, holder, signal))) {
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
