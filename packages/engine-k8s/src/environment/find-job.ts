import { toApiStatus } from '../api/api-error.ts';
import type { Job } from '../job/job-object.ts';
import { type ClusterNamespace, jobPath } from './cluster-namespace.ts';

/** The Job of a name; undefined when there is none. */
export async function findJob(
  { client, namespace }: ClusterNamespace,
  name: string,
  signal: AbortSignal,
): Promise<Job | undefined> {
  try {
    return await client.request<Job>({ method: 'GET', path: jobPath(namespace, name), signal });
  } catch (error) {
    if (toApiStatus(error) === 404) return undefined;
    throw error;
  }
}
