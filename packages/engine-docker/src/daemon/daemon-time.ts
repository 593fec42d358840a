import type { DaemonClient } from './daemon-client.ts';

/** The daemon's clock, in words that it reads back exactly (RFC 3339). Its containers and events are dated by it; that of this machine may differ. */
export async function readDaemonTime(client: DaemonClient, signal?: AbortSignal): Promise<string> {
  const { SystemTime } = await client.call("asking for the daemon's clock", () => client.docker.info(), {
    idempotent: true,
    ...(signal ? { signal } : {}),
  });
  return SystemTime;
}
