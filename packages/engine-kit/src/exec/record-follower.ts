import { performance } from 'node:perf_hooks';
import { RecacError } from '@recac/engine-core';
import { delay } from '../deadline.ts';
import type { ControlLane } from '../lane/control-lane.ts';
import { type ExecAddress, toSegment } from '../lane/exec-address.ts';
import type { EndedCommand, ProcessIdentity, StartedCommand } from '../lane/exec-lane.ts';
import { parseExecRecord } from '../lane/exec-record.ts';
import type { LanePool } from '../lane/lane-pool.ts';

/** What to follow. */
export interface FollowOptions {
  /** The lanes of the command's user. */
  readonly pool: LanePool;
  /** Where the record lies. */
  readonly address: ExecAddress;
  /** The command's process and where its output begins. */
  readonly started: StartedCommand;
  /** The lane that runs it. */
  readonly dispatcher: ProcessIdentity;
  /** The lane's own answer, when this process opened the lane. */
  readonly laneEnded?: Promise<EndedCommand>;
  /** Says why the environment is gone, when it is. */
  readonly diagnose: () => Promise<string | undefined>;
  /** Longest time without a connection until the command counts as lost, in milliseconds. */
  readonly reconnectMs: number;
}

/** How following ended: with the command's record, or without. */
export type FollowedEnd =
  | {
      readonly type: 'recorded';
      readonly record: EndedCommand;
      /** The lane itself told it. Otherwise the log did, and nobody knows whether the lane can still be heard. */
      readonly byLane: boolean;
    }
  | { readonly type: 'lost'; readonly reason: string };

const firstPollMs = 25;
/** Commands that share a machine take longer each; looking at all of them makes all of them slower. */
const firstPollForEachMs = 5;
const fastPollMs = 20;
const slowPollMs = 50;
const fastForMs = 1_000;

/**
 * Knows how far the record of one command has come, until it is complete. The lane's answer is the fast way; when the lane is
 * not ours or broke, the log in the environment tells. Only a log without an exit, with no process left, is `lost`.
 */
export class RecordFollower {
  /** Settles once, never rejects. */
  readonly ended: Promise<FollowedEnd>;
  readonly #options: FollowOptions;
  readonly #segment: string;
  readonly #end = Promise.withResolvers<FollowedEnd>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #changed = Promise.withResolvers<void>();
  #stdoutLength = 0;
  #stderrLength = 0;
  #lastOutputAt = performance.now();
  #followed: FollowedEnd | undefined;
  #laneAnswers: boolean;
  #unreachableSince: number | undefined;
  #quietPolls = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#segment = toSegment(options.address);
    this.ended = this.#end.promise;
    this.#laneAnswers = options.laneEnded !== undefined;
    options.laneEnded?.then(
      (record) => this.#finish({ type: 'recorded', record, byLane: true }),
      () => {
        this.#laneAnswers = false;
      },
    );
    void this.#poll();
  }

  /** How it ended, once it has. */
  get end(): FollowedEnd | undefined {
    return this.#followed;
  }

  /**
   * Settles once, when the command's first process is gone; never rejects. The record may still wait for output that others hold open: what is found holding it from now until the next
   * look can still be told by it.
   */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Recorded bytes of a stream so far. */
  length(stream: 'out' | 'err'): number {
    return stream === 'out' ? this.#stdoutLength : this.#stderrLength;
  }

  /** When output was last seen to grow, on the monotonic clock. */
  get lastOutputAt(): number {
    return this.#lastOutputAt;
  }

  /** Resolves when a length has grown or the end has come. */
  changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Ends following without a record, when nothing more can be found out. */
  lose(reason: string): void {
    this.#finish({ type: 'lost', reason });
  }

  /** Gives up following; `ended` stays open. */
  stop(): void {
    // A reason of our own: without one, an exception with its stack is made for every command.
    this.#stop.abort('followed');
    this.#notify();
  }

  async #poll(): Promise<void> {
    const others = this.#options.pool.running - 1;
    if (this.#laneAnswers) await delay(firstPollMs + others * firstPollForEachMs, this.#stop.signal);
    while (!this.#followed && !this.#stop.signal.aborted) {
      try {
        await this.#look(await this.#options.pool.control());
        this.#unreachableSince = undefined;
      } catch (error) {
        await this.#unreachable(error);
      }
      const quietFor = performance.now() - this.#lastOutputAt;
      if (!this.#followed) await delay(quietFor < fastForMs ? fastPollMs : slowPollMs, this.#stop.signal);
    }
  }

  async #look(control: ControlLane): Promise<void> {
    const { dispatcher, started } = this.#options;
    const position = await control.poll(dispatcher, started.process, this.#segment);
    if (this.#followed) return;
    if (position.stdoutEnd !== undefined && position.stderrEnd !== undefined && position.alive) {
      this.#grow(position.stdoutEnd - started.stdoutBase, position.stderrEnd - started.stderrBase);
    }
    if (position.alive) {
      if (position.stdoutEnd === undefined) await this.#growToSize(control);
      return;
    }
    this.#gone.resolve();
    this.#quietPolls += 1;
    const laneLives = position.stdoutEnd !== undefined;
    if (this.#quietPolls >= 2 && laneLives) await control.release(dispatcher, this.#segment);
    if (!this.#laneAnswers) await this.#readLog(control, laneLives);
    else if (this.#quietPolls > 50) this.#laneAnswers = false;
  }

  async #readLog(control: ControlLane, laneLives: boolean): Promise<void> {
    const record = parseExecRecord(await control.status(this.#segment, this.#options.address.number));
    if (record.ended) return this.#finish({ type: 'recorded', record: record.ended, byLane: false });
    if (laneLives || this.#quietPolls < 5) return;
    const size = await control.size(this.#segment);
    if (record.code) {
      return this.#finish({
        type: 'recorded',
        byLane: false,
        record: { ...record.code, ...size, stdoutDropped: 0, stderrDropped: 0, heldOpen: false },
      });
    }
    this.#growTo(size);
    this.#finish({
      type: 'lost',
      reason: 'its lane was killed before it could record the exit, and its process is gone',
    });
  }

  async #unreachable(error: unknown): Promise<void> {
    const { pool } = this.#options;
    const isUnknown = RecacError.isInstance(error) && error.code === 'RECAC_ENVIRONMENT_NOT_FOUND';
    if (pool.closed && !pool.gone) {
      return this.#finish({
        type: 'lost',
        reason: 'the engine was closed; the command goes on and can be attached to',
      });
    }
    if (isUnknown || pool.gone) {
      const cause = await this.#options.diagnose().catch(() => undefined);
      const known =
        isUnknown && typeof error.details.cause === 'string' ? error.details.cause : 'the environment is gone';
      return this.#finish({ type: 'lost', reason: cause ?? known });
    }
    this.#unreachableSince ??= performance.now();
    this.#laneAnswers = false;
    if (performance.now() - this.#unreachableSince < this.#options.reconnectMs) return delay(200, this.#stop.signal);
    const cause = await this.#options.diagnose().catch(() => undefined);
    const unreached = `the environment could not be reached for ${Math.round(this.#options.reconnectMs / 1000)} s`;
    this.#finish({ type: 'lost', reason: cause === undefined ? unreached : `${unreached}: ${cause}` });
  }

  async #growToSize(control: ControlLane): Promise<void> {
    this.#growTo(await control.size(this.#segment));
  }

  #growTo(end: { readonly stdoutEnd: number; readonly stderrEnd: number }): void {
    const { started } = this.#options;
    this.#grow(end.stdoutEnd - started.stdoutBase, end.stderrEnd - started.stderrBase);
  }

  #grow(stdoutLength: number, stderrLength: number): void {
    const { limit } = this.#options.started;
    const [stdout, stderr] = [Math.min(stdoutLength, limit), Math.min(stderrLength, limit)];
    if (stdout <= this.#stdoutLength && stderr <= this.#stderrLength) return;
    this.#stdoutLength = Math.max(this.#stdoutLength, stdout);
    this.#stderrLength = Math.max(this.#stderrLength, stderr);
    this.#lastOutputAt = performance.now();
    this.#notify();
  }

  #finish(end: FollowedEnd): void {
    if (this.#followed) return;
    const { started } = this.#options;
    if (end.type === 'recorded') {
      this.#grow(end.record.stdoutEnd - started.stdoutBase, end.record.stderrEnd - started.stderrBase);
    }
    this.#followed = end;
    this.stop();
    this.#gone.resolve();
    this.#end.resolve(end);
  }

  #notify(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    changed.resolve();
  }
}
