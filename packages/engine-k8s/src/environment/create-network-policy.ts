import { toApiStatus } from '../api/api-error.ts';
import type { NewNetworkPolicy } from '../job/network-policy.ts';
import { type ClusterNamespace, networkPolicyPath } from './cluster-namespace.ts';

/**
 * Creates a NetworkPolicy; one of the same name, which a start before has left or whose answer was lost, is replaced. So it can be tried again. It goes with the Job that owns it.
 */
export async function createNetworkPolicy(
  { client, namespace }: ClusterNamespace,
  policy: NewNetworkPolicy,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.request({
      method: 'POST',
      path: networkPolicyPath(namespace),
      body: policy,
      idempotent: true,
      signal,
    });
  } catch (error) {
    if (toApiStatus(error) !== 409) throw error;
    await client.request({
      method: 'PUT',
      path: networkPolicyPath(namespace, policy.metadata.name),
      body: policy,
      signal,
    });
  }
}
