import type { DaemonClient } from './daemon-client.ts';

/** What a daemon says of itself that decides how containers are made. */
export interface DaemonFacts {
  /** Containers go on while it is restarted (`live-restore`). */
  readonly liveRestore: boolean;
  /** It runs as an ordinary user: uid 0 in a container is that user. */
  readonly rootless: boolean;
  /** Its image store is containerd's, which has several platforms of one image. */
  readonly containerdStore: boolean;
  /** The limits that it keeps. It discards the others, and starts the container all the same. */
  readonly keepsLimits: {
    /** Memory. */
    readonly memoryLimit: boolean;
    /** What is swapped out beside it. */
    readonly swapLimit: boolean;
    /** The number of processes. */
    readonly processLimit: boolean;
  };
}

/** The part of what it says that is looked at. */
interface Info {
  readonly LiveRestoreEnabled?: boolean;
  readonly SecurityOptions?: readonly string[] | null;
  readonly MemoryLimit?: boolean;
  readonly SwapLimit?: boolean;
  readonly PidsLimit?: boolean;
  readonly DriverStatus?: readonly (readonly string[])[] | null;
}

/** Asks the daemon. */
export async function readDaemonFacts(client: DaemonClient, signal?: AbortSignal): Promise<DaemonFacts> {
  const info: Info = await client.get('asking the daemon about itself', '/info', signal ? { signal } : {});
  return {
    liveRestore: info.LiveRestoreEnabled === true,
    rootless: (info.SecurityOptions ?? []).some((option) => /^name=rootless(,|$)/.test(option)),
    keepsLimits: {
      memoryLimit: info.MemoryLimit !== false,
      // Podman looks at a file of version 1 alone: with version 2 it says false, and keeps it.
      swapLimit: info.SwapLimit !== false || client.podman,
      processLimit: info.PidsLimit !== false,
    },
    containerdStore: (info.DriverStatus ?? []).some(([, value]) => /^io\.containerd\.snapshotter\./.test(value ?? '')),
  };
}
