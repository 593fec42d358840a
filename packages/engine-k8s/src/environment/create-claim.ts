import type { WorkspaceStorage } from '@recac/engine-core';
import { toApiStatus } from '../api/api-error.ts';
import type { Claim } from '../job/claim.ts';
import { toNewClaim } from '../job/new-claim.ts';
import { type ClusterNamespace, claimPath } from './cluster-namespace.ts';

/** Creates a claim, or gives the one that somebody else has created meanwhile. Errors: those of the call, such as a quota or a missing right, by name. */
export async function createClaim(
  { client, namespace }: ClusterNamespace,
  name: string,
  storage: WorkspaceStorage,
  signal: AbortSignal,
): Promise<Claim> {
  const body = toNewClaim(name, storage, namespace);
  try {
    return await client.request<Claim>({ method: 'POST', path: claimPath(namespace), body, idempotent: true, signal });
  } catch (error) {
    if (toApiStatus(error) !== 409) throw error;
    return client.request<Claim>({ method: 'GET', path: claimPath(namespace, name), signal });
  }
}
