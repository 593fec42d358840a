import { delay } from './deadline.ts';
import type { DriverEnvironment, EngineDriver, RawProcess } from './engine-driver.ts';
import { MemoryKills } from './exec/memory-kills.ts';
import { isPoolName, toPoolUser } from './lane/exec-address.ts';
import { LanePool } from './lane/lane-pool.ts';
import { LeaseKeeper, type LeaseKeeperOptions } from './lease.ts';

/** A few times the longest pause between two looks of a client that follows a command. */
const attachedGraceMs = 300;

/** Limits of one environment's lanes. */
export interface LaneLimits {
  /** Commands at one time; further ones wait in order. */
  readonly maxLanes: number;
  /** How long an idle lane beyond the first is kept, in milliseconds. */
  readonly idleLaneMs: number;
  /** Bytes of each stream of a command that are recorded. */
  readonly recordLimitBytes: number;
}

/** What one engine object holds open for one environment: lanes by user, and its lease. */
export class LiveEnvironment {
  /** The environment as its driver knows it. */
  readonly environment: DriverEnvironment;
  /** What was killed in it for memory. */
  readonly memoryKills: MemoryKills;
  readonly #driver: EngineDriver;
  readonly #limits: LaneLimits;
  readonly #firstLane: string | undefined;
  readonly #pools = new Map<string, LanePool>();
  readonly #visited = new Set<LanePool>();
  readonly #closing = new AbortController();
  #lease: LeaseKeeper | undefined;
  #leaseToCarry: string | undefined;
  #onGone: () => void = () => {};

  /** `firstLane`: name of the lane that the environment may have begun with. */
  constructor(driver: EngineDriver, environment: DriverEnvironment, limits: LaneLimits, firstLane?: string) {
    this.#driver = driver;
    this.environment = environment;
    this.memoryKills = new MemoryKills(driver.capabilities.isolation !== 'none');
    this.#limits = limits;
    this.#firstLane = firstLane;
  }

  /** The environment's id. */
  get id(): string {
    return this.environment.status.id;
  }

  /** The lanes of a user; undefined is the environment's own. */
  pool(user: string | undefined): LanePool {
    const key = user ?? '';
    const pool = this.#pools.get(key) ?? this.#createPool(user);
    this.#pools.set(key, pool);
    return pool;
  }

  #createPool(user: string | undefined): LanePool {
    return new LanePool({
      environmentId: this.id,
      user,
      openProcess: (argv) => this.openProcess(argv, user),
      place: this.environment,
      ...(user === undefined && this.#firstLane !== undefined ? { firstLane: this.#firstLane } : {}),
      ...this.#limits,
    });
  }

  /** The pools in use here. */
  get pools(): readonly LanePool[] {
    return [...this.#pools.values()];
  }

  /** Users without a pool here for whom there is a directory for records: other clients have left it, or anything in the environment has made it. */
  async otherUsers(): Promise<readonly string[]> {
    if (!this.#driver.capabilities.execAsUser) return [];
    const names = await this.pool(undefined).ask((control) => control.pools());
    return names.filter(isPoolName).flatMap((name) => {
      const user = toPoolUser(name);
      return user === undefined || this.#pools.has(user) ? [] : [user];
    });
  }

  /** Works with lanes of a user which are closed afterwards. Errors: those of the work. */
  async visit<T>(user: string, work: (pool: LanePool) => Promise<T>): Promise<T> {
    const pool = this.#createPool(user);
    this.#visited.add(pool);
    try {
      return await work(pool);
    } finally {
      this.#visited.delete(pool);
      await pool.close();
    }
  }

  /** Opens a raw process as a user. */
  openProcess(argv: readonly string[], user: string | undefined): Promise<RawProcess> {
    return this.#driver.openProcess(
      this.id,
      { argv, ...(user === undefined ? {} : { user }) },
      { signal: this.#closing.signal },
    );
  }

  /** Opens the first lane, which proves that commands can run. */
  async warm(signal: AbortSignal): Promise<void> {
    const pool = this.pool(undefined);
    const lane = await pool.acquire(signal);
    const { segment } = lane;
    pool.give(lane, segment, true);
    pool.collected(segment, 0);
  }

  /** Renews the environment's lease from now on, when it has one. A renewal opens the control lane, which takes longer than many a command: a lease that has just been renewed is left alone at first. */
  keepLease(options: LeaseKeeperOptions = {}): void {
    const { leaseMs } = this.environment.status;
    if (leaseMs === undefined || this.#lease) return;
    const renew = async (token: string): Promise<void> => (await this.pool(undefined).control()).renewLease(token);
    this.#lease = new LeaseKeeper(leaseMs, renew, { onGone: () => this.#onGone(), ...options });
  }

  /**
   * Renews the lease from now on because a command of the environment's own user, who may write the lease, is about to be run. Gives what its request shall carry, which costs no line of its
   * own: until a command has started with it.
   */
  keepLeaseWithCommand(): string | undefined {
    const isKept = this.#lease !== undefined;
    if (!isKept) this.keepLease({ lastRenewal: 'carried' });
    if (!isKept) this.#leaseToCarry = this.#lease?.carriedToken;
    return this.#leaseToCarry;
  }

  /** A command has started whose request carried the lease. */
  leaseCarried(): void {
    this.#leaseToCarry = undefined;
  }

  /** Calls back when a renewal of the lease finds that the environment is gone. */
  onGone(callback: () => void): void {
    this.#onGone = callback;
  }

  /**
   * Before a stop: gives clients that have attached a moment to see how their command ended. Without an open control lane no command of this client has run long
   * enough to be attached to.
   */
  async waitForAttached(): Promise<void> {
    // One that is still being opened may take a minute.
    const control = await Promise.race([this.pool(undefined).openControl(), delay(0)]);
    const attached = await control?.attached().catch(() => false);
    if (attached) await delay(attachedGraceMs);
  }

  /** Why the environment does not run, when it does not. */
  diagnose(): Promise<string | undefined> {
    return this.#driver.diagnose(this.id, { signal: this.#closing.signal });
  }

  /** Closes every lane. Commands and the environment go on, unless it is gone. */
  async close({ isGone = false } = {}): Promise<void> {
    this.#lease?.stop();
    await Promise.all([...this.#pools.values(), ...this.#visited].map((pool) => pool.close({ isGone })));
    this.#closing.abort();
  }
}
