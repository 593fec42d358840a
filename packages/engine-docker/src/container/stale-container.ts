/** Longer than any start takes between its two calls. */
const longestStartSeconds = 300;

/** What tells whether a container was given up. */
export interface ContainerAge {
  /** As the daemon names it. */
  readonly state: string;
  /** When it was created, in seconds since 1970. */
  readonly createdSeconds: number;
}

/**
 * True for a container of ours that can never run any more: its client died between create and start, or it ended and was not removed by itself (a daemon
 * that was killed). Leases do not end those, since nothing runs in them.
 */
export function isStale({ state, createdSeconds }: ContainerAge, nowMs = Date.now()): boolean {
  if (state === 'exited' || state === 'dead') return nowMs / 1_000 - createdSeconds > 60;
  return state === 'created' && nowMs / 1_000 - createdSeconds > longestStartSeconds;
}
