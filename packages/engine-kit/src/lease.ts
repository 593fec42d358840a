import { randomBytes } from 'node:crypto';

const longestPauseMs = 30_000;

/**
 * POSIX sh: returns when the lease file `$1/lease` has not changed for about `$2` seconds. It compares contents, not times: no clock of
 * client or environment is involved, and a jump of either does no harm.
 */
export const leaseWatchScript = `
_rclease() {
  _rcold= _rcage=0
  while [ "$_rcage" -lt "$2" ]; do
    sleep 1 & wait $!
    _rcnow=
    [ ! -r "$1/lease" ] || read -r _rcnow <"$1/lease"
    if [ "$_rcnow" = "$_rcold" ]; then _rcage=$((_rcage + 1)); else _rcage=0 _rcold=$_rcnow; fi
  done
}
`;

/** How a lease is kept. */
export interface LeaseKeeperOptions {
  /** The environment has just started, and its lease with it: the first renewal can wait for a thirtieth of the lease. Default: false, which renews at once. */
  readonly isFresh?: boolean;
}

/** Renews the lease of one environment for as long as it is kept, three times per lease. A renewal that fails is tried again at the next beat. */
export class LeaseKeeper {
  readonly #client = randomBytes(6).toString('hex');
  #timer: NodeJS.Timeout | undefined;
  #beat = 0;

  /** `renew` writes the token; `leaseMs` is the lease's length. */
  constructor(leaseMs: number, renew: (token: string) => Promise<void>, { isFresh = false }: LeaseKeeperOptions = {}) {
    const beatIn = (pauseMs: number): void => {
      this.#timer = setTimeout(beat, Math.min(longestPauseMs, pauseMs)).unref();
    };
    const beat = (): void => {
      this.#beat += 1;
      renew(`${this.#client}-${this.#beat}`).catch(() => {});
      beatIn(Math.max(250, leaseMs / 3));
    };
    if (isFresh) beatIn(leaseMs / 30);
    else beat();
  }

  /** Lets the lease run out. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
