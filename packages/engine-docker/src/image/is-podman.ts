import type { DaemonClient } from '../daemon/daemon-client.ts';

/** True when the daemon is Podman, which speaks Docker's API too. */
export async function isPodman(client: DaemonClient, signal?: AbortSignal): Promise<boolean> {
  const { Components } = (await client.call('asking for the version', () => client.docker.version(), {
    ...(signal ? { signal } : {}),
    idempotent: true,
  })) as { readonly Components?: readonly { readonly Name?: string }[] };
  return Components?.some(({ Name }) => Name === 'Podman Engine') ?? false;
}
