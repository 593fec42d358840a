import type { DaemonClient } from '../daemon/daemon-client.ts';
import { readLocateEnvironment } from '../daemon/docker-directory.ts';
import { findDockerCredentials, findPodmanCredentials, type RegistryCredentials } from './registry-credentials.ts';

/** The credentials of this user for a registry: Docker's and, where the daemon is Podman, Podman's before them. Gives undefined when there are none. */
export async function findCredentials(
  client: DaemonClient,
  registry: string,
  signal?: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const environment = readLocateEnvironment();
  if (client.podman) {
    const found = await findPodmanCredentials(registry, environment, signal);
    if (found) return found;
  }
  return findDockerCredentials(registry, environment, signal);
}
