import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { toApiStatus } from '../api/api-error.ts';
import type { ObjectMetadata } from '../api/object-metadata.ts';
import { fromJobMetadata } from '../job/job-labels.ts';
import type { NewNetworkPolicy } from '../job/network-policy.ts';
import { type ClusterNamespace, networkPolicyPath } from './cluster-namespace.ts';

/** As often one that is there may be gone when it is to be replaced, or changed by somebody else. */
const attempts = 10;
const pauseMs = 100;

/**
 * Creates a NetworkPolicy; one of ours of the same name, which a start before has left or whose answer was lost, is replaced. So it can be tried again. It goes with the Job that
 * owns it. Errors: `RECAC_ENVIRONMENT_CONFLICT` where one of somebody else has the name.
 */
export async function createNetworkPolicy(
  cluster: ClusterNamespace,
  policy: NewNetworkPolicy,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await createOrReplace(cluster, policy, signal);
    } catch (error) {
      // The collector has removed the old one meanwhile, or another client has replaced it.
      const isPassing = toApiStatus(error) === 404 || toApiStatus(error) === 409;
      if (!isPassing || attempt >= attempts || signal.aborted) throw error;
      await delay(pauseMs, signal);
    }
  }
}

async function createOrReplace(
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
    const path = networkPolicyPath(namespace, policy.metadata.name);
    const { metadata } = await client.request<{ readonly metadata: ObjectMetadata }>({ method: 'GET', path, signal });
    if (fromJobMetadata(metadata) === undefined) throw notOurs(policy.metadata.name, namespace);
    const { uid, resourceVersion } = metadata;
    const body = { ...policy, metadata: { ...policy.metadata, uid, resourceVersion } };
    await client.request({ method: 'PUT', path, body, signal });
  }
}

function notOurs(name: string, namespace: string): RecacError {
  const text = `a NetworkPolicy named ${name} exists in namespace ${namespace}; it is not ours. Choose another session name, or remove it.`;
  return new RecacError('RECAC_ENVIRONMENT_CONFLICT', text, { details: { name, namespace, ours: false } });
}
