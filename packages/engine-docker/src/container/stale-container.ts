/** Longer than any start takes between its two calls. */
const longestStartSeconds = 300;

/** What tells whether a container was given up. */
export interface ContainerAge {
  /** As the daemon names it. */
  readonly state: string;
  /** When it was created, in seconds since 1970. */
  readonly createdSeconds: number;
}

/** True for a state that one that was given up can have: only then the time matters. */
export function mayBeStale(state: string): boolean {
  return state === 'exited' || state === 'dead' || state === 'created';
}

/**
 * True for a container of ours that can never run any more: its client died between create and start, or it ended and was not removed by itself (a daemon
 * that was killed). Leases do not end those, since nothing runs in them. `nowMs`: the daemon's time.
 */
export function isStale({ state, createdSeconds }: ContainerAge, nowMs: number): boolean {
  if (state === 'exited' || state === 'dead') return nowMs / 1_000 - createdSeconds > 60;
  return state === 'created' && nowMs / 1_000 - createdSeconds > longestStartSeconds;
}
