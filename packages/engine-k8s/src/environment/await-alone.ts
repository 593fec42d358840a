import type { EnvironmentSpec } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { inSameDirectory } from '../job/claim.ts';
import { judgeRivals } from '../job/claim-rivals.ts';
import type { Job } from '../job/job-object.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';
import { listClaimJobs, listClaimPods } from './list-claim-users.ts';

/** How it is waited. */
export interface AwaitAloneOptions {
  /** Told what is waited for. */
  readonly onWait: (message: string) => void;
  /** Cancels it. */
  readonly signal: AbortSignal;
}

const pauseMs = 500;

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
  for (;;) {
    const pods = await listClaimPods(cluster, { areOthersIncluded: false }, signal);
    const jobs = await listClaimJobs(cluster, signal);
    const rivalry = judgeRivals(job, mount, { pods, jobs });
    if (rivalry.verdict === 'alone') return;
    const { sessionId, verdict } = rivalry;
    if (verdict === 'yields') throw inSameDirectory(mount, sessionId);
    onWait(
      `waiting: session ${JSON.stringify(sessionId)}, which was started in the same directory of ${mount.claimName}, has not ended yet. Stop it if it stays.`,
    );
    await delay(pauseMs, signal);
    signal.throwIfAborted();
  }
}
