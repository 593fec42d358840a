import type { DaemonClient } from './daemon-client.ts';

/** What a daemon says of itself that decides how containers are made. */
export interface DaemonFacts {
  /** Containers go on while it is restarted (`live-restore`). */
  readonly liveRestore: boolean;
  /** It runs as an ordinary user: uid 0 in a container is that user. */
  readonly rootless: boolean;
}

/** Asks the daemon. */
export async function readDaemonFacts(client: DaemonClient): Promise<DaemonFacts> {
  const info = (await client.call('asking the daemon about itself', () => client.docker.info(), {
    idempotent: true,
  })) as { readonly LiveRestoreEnabled?: boolean; readonly SecurityOptions?: readonly string[] | null };
  return {
    liveRestore: info.LiveRestoreEnabled === true,
    rootless: (info.SecurityOptions ?? []).some((option) => /^name=rootless(,|$)/.test(option)),
  };
}
