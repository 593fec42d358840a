import { RecacError } from '@recac/engine-core';
import { toApiStatus } from '../api/api-error.ts';
import type { PodAddress } from '../exec/open-pod-process.ts';
import { findAgent, type Pod } from '../job/pod.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';

/**
 * What an error says of an environment. A node whose kubelet has just started knows none of its pods for some seconds, and answers "not found" for those that run: only the API
 * server can say that one is gone. Gives the error, or, for a pod that runs, one that can be tried again.
 */
export async function confirmGone(
  { client }: ClusterNamespace,
  { namespace, pod }: PodAddress,
  error: unknown,
): Promise<unknown> {
  if (!RecacError.isInstance(error) || error.code !== 'RECAC_ENVIRONMENT_NOT_FOUND') return error;
  if (error.details.reason === 'ContainerRestarted') return error;
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}`;
  try {
    const found = await client.request<Pod>({ method: 'GET', path, signal: AbortSignal.timeout(10_000) });
    const isOver = found.metadata.deletionTimestamp !== undefined || findAgent(found)?.state?.terminated !== undefined;
    if (isOver || found.status?.phase !== 'Running') return error;
  } catch (cause) {
    if (toApiStatus(cause) === 404) return error;
  }
  const message = `the node of pod ${pod} does not know it, though it has not ended: its kubelet may just have been started. Try again.`;
  return new RecacError('RECAC_EXEC_FAILED', message, { cause: error, details: { reason: 'ExecFailed', pod } });
}
