import type { DaemonClient } from './daemon-client.ts';

/** How far a clock may drift from another, unasked. */
const validMs = 300_000;

/** The daemon's clock at a moment of our monotonic one, which nobody sets. */
interface ClockReading {
  readonly daemonMs: number;
  readonly readAtMs: number;
}

const readings = new WeakMap<DaemonClient, ClockReading>();

/** The daemon's time, in milliseconds since 1970, as it says now. Its containers and events are dated by it; that of this machine may differ. */
export async function readDaemonTime(client: DaemonClient, signal?: AbortSignal): Promise<number> {
  const { SystemTime: time } = await client.get<{ readonly SystemTime: string }>(
    "asking for the daemon's clock",
    '/info',
    signal ? { signal } : {},
  );
  const daemonMs = Date.parse(time);
  readings.set(client, { daemonMs, readAtMs: performance.now() });
  return daemonMs;
}

/** The same, from what the daemon said in the last five minutes: for what is asked often, since a busy daemon takes long to tell. */
export async function estimateDaemonTime(client: DaemonClient, signal?: AbortSignal): Promise<number> {
  const last = readings.get(client);
  const ageMs = performance.now() - (last?.readAtMs ?? 0);
  return last !== undefined && ageMs < validMs ? last.daemonMs + ageMs : readDaemonTime(client, signal);
}
