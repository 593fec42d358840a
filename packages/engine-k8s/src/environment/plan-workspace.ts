import { stat } from 'node:fs/promises';
import type { EnvironmentSpec } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import {
  type Claim,
  type ClaimMount,
  type ClaimUser,
  checkClaim,
  findEnding,
  isForManyNodes,
  placeOnClaim,
  stillEnding,
} from '../job/claim.ts';
import { findComing } from '../job/claim-rivals.ts';
import type { JobFacts } from '../job/job-settings.ts';
import { firstClaimPauseMs, toNextClaimPauseMs } from './claim-pause.ts';
import { type ClusterNamespace, claimPath } from './cluster-namespace.ts';
import { createClaim } from './create-claim.ts';
import { listClaimJobs, listClaimPods } from './list-claim-users.ts';

/** The kubelet's grace of five seconds and a busy node. */
const endingDeadlineMs = 30_000;

/**
 * Who owns a directory of the node that is the workspace, looked up under the same path on this machine, which is the node's where that has a meaning; empty for other
 * workspaces, and where there is no such directory here.
 */
export async function readWorkspaceOwner({
  workspace,
}: Pick<EnvironmentSpec, 'workspace'>): Promise<Pick<JobFacts, 'workspaceOwner'>> {
  if (workspace?.type !== 'bind') return {};
  const found = await stat(workspace.hostPath).catch(() => undefined);
  return found === undefined ? {} : { workspaceOwner: { uid: found.uid, gid: found.gid } };
}

/** How a workspace is planned. */
export interface PlanWorkspaceOptions {
  /** Told what is waited for. */
  readonly onWait: (message: string) => void;
  /** Cancels it. */
  readonly signal: AbortSignal;
}

/**
 * What the workspace decides about a Job, looked up before anything is created: owner of a directory, node of a claim. Errors: those of `checkClaim` and
 * `placeOnClaim`; `RECAC_WORKSPACE_CONFLICT` when a pod that is being deleted may still write there.
 */
export async function planWorkspace(
  cluster: ClusterNamespace,
  spec: EnvironmentSpec,
  { signal, onWait }: PlanWorkspaceOptions,
): Promise<Pick<JobFacts, 'workspaceOwner' | 'workspaceNode'>> {
  const { workspace: mount, sessionId } = spec;
  if (mount?.type !== 'persistentVolumeClaim') return readWorkspaceOwner(spec);
  const claim = await readClaim(cluster, mount, signal);
  // Pods of others tell on which node a claim of one node is.
  const selection = { areOthersIncluded: claim !== undefined && !isForManyNodes(claim) };
  const pods = await untilEnded(mount, () => listClaimPods(cluster, selection, signal), { signal, onWait });
  const coming = findComing({ pods, jobs: await listClaimJobs(cluster, signal) });
  const workspaceNode = placeOnClaim(claim, mount, { sessionId, pods, coming });
  return workspaceNode === undefined ? {} : { workspaceNode };
}

/** Waits for pods that are being deleted and may still write to the same directory, also those of the same session: never two at once. Gives the pods there are then. */
async function untilEnded(
  mount: ClaimMount,
  list: () => Promise<readonly ClaimUser[]>,
  { signal, onWait }: PlanWorkspaceOptions,
): Promise<readonly ClaimUser[]> {
  const giveUpAt = performance.now() + endingDeadlineMs;
  for (let pauseMs = firstClaimPauseMs; ; pauseMs = toNextClaimPauseMs(pauseMs)) {
    const pods = await list();
    const ending = findEnding(mount, pods);
    if (ending === undefined) return pods;
    if (performance.now() > giveUpAt) throw stillEnding(mount, ending);
    onWait(`waiting: the pod ${ending.metadata.name} may still write to the same directory of ${mount.claimName}.`);
    await delay(pauseMs, signal);
    signal.throwIfAborted();
  }
}

/** The right to read claims is optional: undefined without it, and the cluster itself says what is wrong with the claim, later. */
async function readClaim(
  { client, namespace }: ClusterNamespace,
  mount: ClaimMount,
  signal: AbortSignal,
): Promise<Claim | undefined> {
  let claim: Claim | undefined;
  try {
    claim = await client.request<Claim>({ method: 'GET', path: claimPath(namespace, mount.claimName), signal });
  } catch (error) {
    const status = toApiStatus(error);
    if (status === 403) return undefined;
    if (status !== 404) throw error;
    if (mount.storage !== undefined)
      claim = await createClaim({ client, namespace }, mount.claimName, mount.storage, signal);
  }
  return checkClaim(claim, mount, namespace);
}
