import { homedir } from 'node:os';
import process from 'node:process';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import type { LocateEnvironment } from '../daemon/docker-directory.ts';
import { findDockerCredentials, findPodmanCredentials, type RegistryCredentials } from './registry-credentials.ts';

/** The credentials of this user for a registry: Docker's and, where the daemon is Podman, Podman's before them. Gives undefined when there are none. */
export async function findCredentials(
  client: DaemonClient,
  registry: string,
  signal?: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const environment = here();
  if (client.podman) {
    const found = await findPodmanCredentials(registry, environment, signal);
    if (found) return found;
  }
  return findDockerCredentials(registry, environment, signal);
}

function here(): LocateEnvironment {
  const uid = process.getuid?.();
  return {
    variables: process.env,
    homeDirectory: homedir(),
    platform: process.platform,
    ...(uid === undefined ? {} : { uid }),
  };
}
