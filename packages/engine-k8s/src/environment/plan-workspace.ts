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
import { toLabelSelector } from '../job/job-labels.ts';
import type { JobFacts } from '../job/job-settings.ts';
import { type ClusterNamespace, claimPath, podPath } from './cluster-namespace.ts';

const pageSize = 500;

/** The kubelet's grace of five seconds and a busy node. */
const endingDeadlineMs = 30_000;
const endingPauseMs = 500;

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

/**
 * What the workspace decides about a Job, looked up before anything is created: owner of a directory, node of a claim. Errors: those of `checkClaim` and
 * `placeOnClaim`; `RECAC_WORKSPACE_CONFLICT` when a pod that is being deleted may still write there.
 */
export async function planWorkspace(
  cluster: ClusterNamespace,
  spec: EnvironmentSpec,
  signal: AbortSignal,
): Promise<Pick<JobFacts, 'workspaceOwner' | 'workspaceNode'>> {
  const { workspace: mount, sessionId } = spec;
  if (mount?.type !== 'persistentVolumeClaim') return readWorkspaceOwner(spec);
  const claim = await readClaim(cluster, mount, signal);
  if (claim === 'forbidden') return {};
  checkClaim(claim, mount, cluster.namespace);
  if (claim === undefined) return {};
  // Where many nodes may use it only sessions of ours matter, and their pods are found by label.
  const query = isForManyNodes(claim) ? { labelSelector: toLabelSelector() } : {};
  const pods = await untilEnded(mount, () => listPods(cluster, query, signal), signal);
  const workspaceNode = placeOnClaim(claim, mount, { sessionId, pods });
  return workspaceNode === undefined ? {} : { workspaceNode };
}

/** Waits for pods that are being deleted and may still write to the same directory, also those of the same session: never two at once. Gives the pods there are then. */
async function untilEnded(
  mount: ClaimMount,
  list: () => Promise<readonly ClaimUser[]>,
  signal: AbortSignal,
): Promise<readonly ClaimUser[]> {
  const giveUpAt = performance.now() + endingDeadlineMs;
  for (;;) {
    const pods = await list();
    const ending = findEnding(mount, pods);
    if (ending === undefined) return pods;
    if (performance.now() > giveUpAt) throw stillEnding(mount, ending);
    await delay(endingPauseMs, signal);
    signal.throwIfAborted();
  }
}

/** The right to read claims is optional: without it the cluster itself says what is wrong, later. */
async function readClaim(
  { client, namespace }: ClusterNamespace,
  { claimName }: ClaimMount,
  signal: AbortSignal,
): Promise<Claim | 'forbidden' | undefined> {
  try {
    return await client.request<Claim>({ method: 'GET', path: claimPath(namespace, claimName), signal });
  } catch (error) {
    if (toApiStatus(error) === 404) return undefined;
    if (toApiStatus(error) === 403) return 'forbidden';
    throw error;
  }
}

async function listPods(
  { client, namespace }: ClusterNamespace,
  selection: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly ClaimUser[]> {
  const pods: ClaimUser[] = [];
  let next = '';
  do {
    const page = await client.request<{
      readonly items?: readonly ClaimUser[];
      readonly metadata?: { readonly continue?: string };
    }>({
      method: 'GET',
      path: podPath(namespace),
      query: { ...selection, limit: String(pageSize), ...(next === '' ? {} : { continue: next }) },
      signal,
    });
    pods.push(...(page.items ?? []));
    next = page.metadata?.continue ?? '';
  } while (next !== '');
  return pods;
}
