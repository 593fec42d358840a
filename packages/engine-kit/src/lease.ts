import { randomBytes } from 'node:crypto';
import { RecacError } from '@recac/engine-core';

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
  /**
   * When the lease was last known to be renewed: `started`, with the environment a moment ago, so that the first renewal can wait for a thirtieth of the lease; `carried`, just now by the
   * request of a command, and the next is due like every other. Default: nobody knows, and it is renewed at once.
   */
  readonly lastRenewal?: 'started' | 'carried';
  /** Called when a renewal finds that the environment is gone, which ends the renewing. Default: nobody is told. */
  readonly onGone?: () => void;
}

/**
 * Renews the lease of one environment for as long as it is kept, three times per lease. A renewal that fails is tried again at the next beat, unless with
 * `RECAC_ENVIRONMENT_NOT_FOUND`: then there is no lease any more.
 */
export class LeaseKeeper {
  /** What a request carries that renews the lease: no beat has it. */
  readonly carriedToken: string;
  #timer: NodeJS.Timeout | undefined;
  #beat = 0;

  /** `renew` writes the token; `leaseMs` is the lease's length. */
  constructor(
    leaseMs: number,
    renew: (token: string) => Promise<void>,
    { lastRenewal, onGone }: LeaseKeeperOptions = {},
  ) {
    const client = randomBytes(6).toString('hex');
    this.carriedToken = `${client}-0`;
    const pauseMs = Math.max(250, leaseMs / 3);
    const beatIn = (waitMs: number): void => {
      this.#timer = setTimeout(beat, Math.min(longestPauseMs, waitMs)).unref();
    };
    const beat = (): void => {
      this.#beat += 1;
      renew(`${client}-${this.#beat}`).catch((error: unknown) => {
        if (!RecacError.isInstance(error) || error.code !== 'RECAC_ENVIRONMENT_NOT_FOUND') return;
        this.stop();
        onGone?.();
      });
      beatIn(pauseMs);
    };
    if (lastRenewal === undefined) beat();
    else beatIn(lastRenewal === 'started' ? leaseMs / 30 : pauseMs);
  }

  /** Lets the lease run out. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
