import { toApiStatus } from '../api/api-error.ts';
import type { Job } from '../job/job-object.ts';
import { type ClusterNamespace, jobPath } from './cluster-namespace.ts';

/** The Job of a name; undefined when there is none. `timeoutMs`: longest wait for the answer, where it is to be shorter than that of other calls. */
export async function findJob(
  { client, namespace }: ClusterNamespace,
  name: string,
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<Job | undefined> {
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  try {
    return await client.request<Job>({ method: 'GET', path: jobPath(namespace, name), signal, ...limit });
  } catch (error) {
    if (toApiStatus(error) === 404) return undefined;
    throw error;
  }
}
