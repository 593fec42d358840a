import { RecacError } from '@recac/engine-core';
import { environmentNotFound } from '@recac/engine-kit';
import { type EnvironmentAddress, toEnvironmentId } from '../job/environment-id.ts';
import { readRestart } from '../job/restart.ts';
import type { ClusterNamespace } from './cluster-namespace.ts';
import { readEnvironment } from './list-environments.ts';

/**
 * Name of the pod in which commands of an environment run. Errors: `RECAC_ENVIRONMENT_NOT_FOUND` when there is none, or its Job is gone; with reason `PodReplaced` when the pod that there
 * is is not the environment's own.
 */
export async function locatePod(
  cluster: ClusterNamespace,
  address: EnvironmentAddress,
  signal: AbortSignal,
): Promise<string> {
  const id = toEnvironmentId(address);
  const { job, pod, isGone } = (await readEnvironment(cluster, address, signal)) ?? {};
  if (pod === undefined || isGone) throw environmentNotFound(id);
  const restart = readRestart(job, pod);
  // A container that was started again tells it itself, and where the files are.
  if (restart?.reason !== 'PodReplaced') return pod.metadata.name;
  const { reason, message: cause } = restart;
  const text = `${cause}, and nothing is run in the new one. Stop the environment and start another.`;
  throw new RecacError('RECAC_ENVIRONMENT_NOT_FOUND', text, { details: { id, reason, cause } });
}
