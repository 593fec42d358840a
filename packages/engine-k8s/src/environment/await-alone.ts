import { type EnvironmentSpec, RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { type ClaimMount, directoryInUse } from '../job/claim.ts';
import { judgeRivals, type Rivalry } from '../job/claim-rivals.ts';
import type { Job } from '../job/job-object.ts';
import { firstClaimPauseMs, toNextClaimPauseMs } from './claim-pause.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';
import { listClaimJobs, listClaimPods } from './list-claim-users.ts';

/** How it is waited. */
export interface AwaitAloneOptions {
  /** Told what is waited for. */
  readonly onWait: (message: string) => void;
  /** Cancels it. */
  readonly signal: AbortSignal;
}

/**
 * Waits until a Job that was just created is the only one in its directory of a claim: sessions that start at the same time do not see each other before. Nothing is asked where the
 * workspace is no claim. To be awaited before the Job counts as proved. Errors: `RECAC_WORKSPACE_CONFLICT` where another session is first.
 */
export async function awaitAlone(
  cluster: ClusterNamespace,
  job: Job,
  { workspace: mount }: Pick<EnvironmentSpec, 'workspace'>,
  { onWait, signal }: AwaitAloneOptions,
): Promise<void> {
  if (mount?.type !== 'persistentVolumeClaim') return;
  for (let pauseMs = firstClaimPauseMs; ; pauseMs = toNextClaimPauseMs(pauseMs)) {
    const rivalry = await readRivalry(cluster, job, mount, signal);
    if (rivalry?.verdict === 'alone') return;
    if (rivalry?.verdict === 'yields') throw directoryInUse(mount, rivalry.sessionId);
    if (rivalry)
      onWait(
        `waiting: session ${JSON.stringify(rivalry.sessionId)}, which was started in the same directory of ${mount.claimName}, has not ended yet. Stop it if it stays.`,
      );
    await delay(pauseMs, signal);
    signal.throwIfAborted();
  }
}

/** Undefined where the API server is away: a start survives that. */
async function readRivalry(
  cluster: ClusterNamespace,
  job: Job,
  mount: ClaimMount,
  signal: AbortSignal,
): Promise<Rivalry | undefined> {
  try {
    const pods = await listClaimPods(cluster, { areOthersIncluded: false }, signal);
    return judgeRivals(job, mount, { pods, jobs: await listClaimJobs(cluster, signal) });
  } catch (error) {
    if (RecacError.isInstance(error) && error.code === 'RECAC_ENGINE_UNAVAILABLE') return undefined;
    throw error;
  }
}
