import { performance } from 'node:perf_hooks';
import { RecacError } from '@recac/engine-core';
import { doneWithin } from '../done-within.ts';
import type { LanePlace, RawProcess } from '../engine-driver.ts';
import { environmentNotFound } from '../environment-not-found.ts';
import { Limiter } from '../limiter.ts';
import { ControlLane } from './control-lane.ts';
import { controlLaneScript } from './control-lane-script.ts';
import { createLaneName, type ExecAddress, toPoolDirectory, toPoolName } from './exec-address.ts';
import { ExecLane, LaneBrokenError } from './exec-lane.ts';
import { toExecLaneProcess } from './exec-lane-process.ts';
import { openUnlessAborted } from './open-unless-aborted.ts';
import { PoolRecords } from './pool-records.ts';
import { toShellProcess } from './shell-process.ts';
import { StdinFeeder } from './stdin-feeder.ts';
import { stdinFeederScript } from './stdin-feeder-script.ts';

/** What a pool needs from the engine. */
export interface LanePoolOptions {
  /** The environment's id, for messages. */
  readonly environmentId: string;
  /** Opens a process in the environment as the pool's user. */
  readonly openProcess: (argv: readonly string[]) => Promise<RawProcess>;
  /** The environment's shell, and its directory for records. */
  readonly place: LanePlace;
  /** Name of its first lane, where that was given before. Default: a new one. */
  readonly firstLane?: string;
  /** The pool's user; undefined is the environment's own. */
  readonly user: string | undefined;
  /** Bytes of each stream of a command that are recorded; the rest is counted and dropped. */
  readonly recordLimitBytes: number;
  /** Lanes, and so commands, at one time; further ones wait in order. */
  readonly maxLanes: number;
  /** How long a lane that nobody needs is kept where there are others, in milliseconds. */
  readonly idleLaneMs: number;
}

/** How long closing takes at most, in milliseconds. */
const closeMs = 1_000;

/** Segments are removed so many at a time. */
const mostForgettable = 4;

interface IdleLane {
  readonly lane: ExecLane;
  /** On the monotonic clock. */
  readonly since: number;
}

/** The lanes of one user in one environment: grown on demand, closed when idle. */
export class LanePool {
  /** Name of the pool, part of its exec ids. */
  readonly name: string;
  /** Directory of the pool's records, inside the environment. */
  readonly directory: string;
  readonly #options: LanePoolOptions;
  #firstLane: string | undefined;
  readonly #limiter: Limiter;
  /** The one that was given back last is the last, and is taken first. */
  readonly #idle: IdleLane[] = [];
  readonly #busy = new Set<ExecLane>();
  /** What gives the place of a busy lane back. */
  readonly #releases = new Map<ExecLane, () => void>();
  readonly #records = new PoolRecords();
  /** Every process of the pool, also one that has not answered yet. */
  readonly #processes = new Set<RawProcess>();
  #control: Promise<ControlLane> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #closed = false;
  #gone = false;

  constructor(options: LanePoolOptions) {
    this.#options = options;
    this.name = toPoolName(options.user);
    this.directory = toPoolDirectory(options.place, options.user);
    this.#firstLane = options.firstLane;
    this.#limiter = new Limiter(options.maxLanes);
  }

  /** An idle lane, a new one, or the next one that falls free. A lane that is still being opened when the signal fires is closed. */
  async acquire(signal: AbortSignal | undefined): Promise<ExecLane> {
    const release = await this.#limiter.acquire(signal);
    try {
      const lane = this.#takeIdle() ?? (await openUnlessAborted(this.#openLane(), signal));
      this.#busy.add(lane);
      this.#records.begin(lane.segment);
      this.#releases.set(lane, release);
      return lane;
    } catch (error) {
      release();
      throw this.#gone && !signal?.aborted ? this.closedError : error;
    }
  }

  /** Gives a lane back; `reusable` only when its command has ended and the lane answered so. */
  give(lane: ExecLane, segment: string, reusable: boolean): void {
    this.#busy.delete(lane);
    this.#releases.get(lane)?.();
    this.#releases.delete(lane);
    if (lane.segment !== segment || !reusable) this.#retire(segment);
    if (!reusable || !lane.usable || this.#closed) {
      lane.close();
      return;
    }
    this.#idle.push({ lane, since: performance.now() });
    this.#scheduleIdleClose();
  }

  /** Closes the lanes that nothing runs in: the line of one was found broken, which those of the others then often are as well. */
  closeIdle(): void {
    this.#closeLanes(this.#idle.splice(0));
  }

  /** True when the result of a record has been collected here: it is still in its segment, but nobody's concern. */
  isCollected(address: ExecAddress): boolean {
    return this.#records.isCollected(address);
  }

  /** The result of a record has been collected: it may go, with the others of its segment. */
  collected(segment: string, number: number): void {
    this.#records.collect(segment, number);
    this.#forgetMany();
  }

  /** Commands that run in lanes of this pool right now. */
  get running(): number {
    return this.#busy.size;
  }

  /** True once the engine has been closed: nothing is opened any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** True once it has been closed because its environment is gone. */
  get gone(): boolean {
    return this.#gone;
  }

  /** What a call is told once it has been closed: `RECAC_ENVIRONMENT_NOT_FOUND` when its environment is gone, else `RECAC_EXEC_FAILED`. */
  get closedError(): RecacError {
    return this.#gone ? environmentNotFound(this.#options.environmentId) : engineClosed();
  }

  /** The control lane, opened when first needed and again after it broke. */
  async control(): Promise<ControlLane> {
    const known = this.#control;
    const open = await this.openControl();
    if (open) return open;
    if (this.#closed) throw this.closedError;
    // Another caller may have met the broken lane too, and have opened a new one.
    if (this.#control === undefined || this.#control === known) this.#control = this.#openControlLane();
    return this.#control;
  }

  /**
   * Asks something that may be asked twice: where the line of the control lane breaks, once more over a new one. Errors: `RECAC_EXEC_FAILED` when that breaks as well, and those of
   * opening a process.
   */
  async ask<T>(question: (control: ControlLane) => Promise<T>): Promise<T> {
    try {
      return await question(await this.control());
    } catch (error) {
      if (!(error instanceof LaneBrokenError)) throw error;
    }
    try {
      return await question(await this.control());
    } catch (error) {
      if (this.#gone) throw this.closedError;
      throw error instanceof LaneBrokenError ? lineBroken(error) : error;
    }
  }

  /** The control lane where one is open; opening one takes longer than many a command. */
  async openControl(): Promise<ControlLane | undefined> {
    const open = await this.#control?.catch(() => undefined);
    return open?.usable ? open : undefined;
  }

  /** A feeder for the stdin at a path inside the environment; `whenLost` as `lostStdin` of a command. */
  openStdin(path: string, whenLost: 'hold' | 'end', signal?: AbortSignal): Promise<StdinFeeder> {
    const argv = toShellProcess(this.#options.place, stdinFeederScript, 'recac-stdin', path, whenLost);
    return openUnlessAborted(
      this.#openProcess(argv).then((process) => StdinFeeder.open(process)),
      signal,
    );
  }

  /**
   * Closes every lane, and what is still being opened. Records that were collected are removed first, unless they are gone with the environment: over a line that is open, and as far as that is
   * quickly possible.
   */
  async close({ isGone = false } = {}): Promise<void> {
    clearTimeout(this.#idleTimer);
    if (isGone) this.#gone = this.#closed = true;
    for (const { lane } of this.#idle) {
      const hasRun = lane.nextNumber > 1;
      if (hasRun) this.#records.retire(lane.segment);
    }
    await doneWithin(this.#forgetAtClose(), closeMs);
    this.#closed = true;
    for (const process of this.#processes) process.close();
  }

  /** Without an open control lane, a lane that nothing runs in does it: opening a line takes longer than many a command. */
  async #forgetAtClose(): Promise<void> {
    if (this.#closed || this.#records.forgettable === 0) return;
    if (await this.openControl()) return this.#sendForget();
    await this.#takeIdle()?.leave(this.#records.takeForgettable());
  }

  #takeIdle(): ExecLane | undefined {
    for (;;) {
      const lane = this.#idle.pop()?.lane;
      if (lane === undefined || lane.usable) return lane;
    }
  }

  async #openLane(): Promise<ExecLane> {
    if (this.#closed) throw this.closedError;
    const { place, user, recordLimitBytes } = this.#options;
    const name = this.#firstLane ?? createLaneName();
    this.#firstLane = undefined;
    const process = await this.#openProcess(toExecLaneProcess(place, { user, name, recordLimitBytes }));
    return ExecLane.open(name, process);
  }

  async #openControlLane(): Promise<ControlLane> {
    const { place } = this.#options;
    const argv = toShellProcess(place, controlLaneScript, 'recac-control', this.directory, place.runDirectory);
    return ControlLane.open(await this.#openProcess(argv));
  }

  async #openProcess(argv: readonly string[]): Promise<RawProcess> {
    const process = await this.#options.openProcess(argv);
    this.#processes.add(process);
    void process.exited.then(() => this.#processes.delete(process));
    if (this.#closed) process.close();
    return process;
  }

  #retire(segment: string): void {
    this.#records.retire(segment);
    this.#forgetMany();
  }

  #forgetMany(): void {
    if (!this.#closed && this.#records.forgettable >= mostForgettable) void this.#sendForget();
  }

  async #sendForget(): Promise<void> {
    const segments = this.#records.takeForgettable();
    try {
      await (await this.control()).forget(segments);
    } catch {
      // The environment goes with its records; a record that stays until then harms nothing.
    }
  }

  #scheduleIdleClose(): void {
    const [oldest] = this.#idle;
    if (this.#idleTimer !== undefined || oldest === undefined || this.#idle.length === 1) return;
    const { idleLaneMs } = this.#options;
    const close = (): void => {
      this.#idleTimer = undefined;
      const over = this.#idle.findIndex(({ since }) => performance.now() - since < idleLaneMs);
      this.#closeLanes(this.#idle.splice(0, over === -1 ? this.#idle.length - 1 : over));
      this.#scheduleIdleClose();
    };
    this.#idleTimer = setTimeout(close, Math.ceil(Math.max(0, oldest.since + idleLaneMs - performance.now())));
    this.#idleTimer.unref();
  }

  #closeLanes(lanes: readonly IdleLane[]): void {
    for (const { lane } of lanes) {
      this.#retire(lane.segment);
      lane.close();
    }
  }
}

function lineBroken(cause: LaneBrokenError): RecacError {
  return new RecacError(
    'RECAC_EXEC_FAILED',
    'the line to the environment broke twice while it was asked. Check the connection and try again.',
    { cause, details: { reason: 'LineBroken' } },
  );
}

function engineClosed(): RecacError {
  return new RecacError('RECAC_EXEC_FAILED', 'the engine has been closed. Make a new one.', {
    details: { reason: 'EngineClosed' },
  });
}
