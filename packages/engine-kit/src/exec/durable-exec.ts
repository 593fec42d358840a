import { performance } from 'node:perf_hooks';
import {
  abortedError,
  type ExecEnd,
  type ExecHandle,
  type ExecOutcome,
  type KillReport,
  RecacError,
  type TerminalSize,
  toExitCode,
  unsupportedCapability,
} from '@recac/engine-core';
import type { EndCause } from '../lane/end-cause.ts';
import { type ExecAddress, toExecId } from '../lane/exec-address.ts';
import { type EndedCommand, LaneBrokenError, type StartedCommand } from '../lane/exec-lane.ts';
import type { LanePool } from '../lane/lane-pool.ts';
import type { StdinFeeder } from '../lane/stdin-feeder.ts';
import { checkSignal } from './check-signal.ts';
import { endCommand } from './end-command.ts';
import { ExecLimits } from './exec-limits.ts';
import { toOutcome } from './exec-outcome.ts';
import type { MemoryKills } from './memory-kills.ts';
import { readOutput } from './output-reader.ts';
import type { FollowedEnd, RecordFollower } from './record-follower.ts';
import { toStdinBytes } from './stdin-bytes.ts';

/** What a handle on a recorded command is made of. */
export interface DurableExecOptions {
  /** The backend's name, for messages. */
  readonly backend: string;
  /** The environment it runs in. */
  readonly environmentId: string;
  /** The lanes of the command's user. */
  readonly pool: LanePool;
  /** Where the record lies. */
  readonly address: ExecAddress;
  /** The command's process and where its output begins. */
  readonly started: StartedCommand;
  /** Knows how far the record has come. */
  readonly follower: RecordFollower;
  /** Longest time without a connection until output that is there counts as out of reach, in milliseconds. */
  readonly reconnectMs: number;
  /** Feeds stdin; left out when stdin is empty or not ours. */
  readonly stdin?: StdinFeeder;
  /** First bytes to deliver. */
  readonly fromStdoutByte: number;
  /** First bytes to deliver. */
  readonly fromStderrByte: number;
  /** We started it: disposing cancels it, and its end frees the lane. */
  readonly owned: boolean;
  /** Called once when the handle needs its lane no longer; says whether the lane answered. */
  readonly onLaneFree: (answered: boolean) => void;
  /** Called once when nobody needs the record any more. */
  readonly onCollected: () => void;
  /** What was killed for memory in the environment. */
  readonly memoryKills: MemoryKills;
  /** Time limits; absent: none. */
  readonly timeoutMs?: number;
  /** Time limit without output. */
  readonly idleTimeoutMs?: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
  /** Cancels the command (owned) or gives up the handle (attached). */
  readonly signal?: AbortSignal;
}

/** A handle on a command whose truth is its record in the environment. */
export class DurableExec implements ExecHandle {
  readonly execId: string;
  readonly environmentId: string;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  readonly #options: DurableExecOptions;
  readonly #startedAt = performance.now();
  readonly #limits: ExecLimits;
  readonly #reading = new AbortController();
  readonly #ended = Promise.withResolvers<ExecEnd>();
  readonly #sentSignals = new Set<string>();
  #ending: Promise<KillReport | undefined> | undefined;
  #cause: EndCause | undefined;
  #givenUp = false;

  constructor(options: DurableExecOptions) {
    this.#options = options;
    this.execId = toExecId(options.address);
    this.environmentId = options.environmentId;
    const { pool, address, follower, started } = options;
    const reading = { pool, address, follower, reconnectMs: options.reconnectMs, signal: this.#reading.signal };
    this.stdout = readOutput({ ...reading, stream: 'out', base: started.stdoutBase, from: options.fromStdoutByte });
    this.stderr = readOutput({ ...reading, stream: 'err', base: started.stderrBase, from: options.fromStderrByte });
    this.#limits = new ExecLimits({
      ...options,
      lastOutputAt: () => follower.lastOutputAt,
      onLimit: (cause) => void this.#endBecause(cause),
    });
    this.#ended.promise.catch(() => {});
    follower.ended.then((end) => this.#toEnd(end)).then(this.#ended.resolve, this.#ended.reject);
    this.#listenToSignal();
  }

  async write(data: string | Uint8Array): Promise<void> {
    await this.#stdin().write(toStdinBytes(data));
  }

  async end(): Promise<void> {
    await this.#stdin().end();
  }

  async signal(signal: string): Promise<void> {
    checkSignal(signal);
    if (this.#options.follower.end) return;
    this.#sentSignals.add(signal);
    try {
      await (await this.#options.pool.control()).kill(signal, this.#options.started.process);
    } catch (error) {
      throw error instanceof LaneBrokenError ? signalUnanswered(signal, error) : error;
    }
  }

  resize(_size: TerminalSize): Promise<void> {
    return Promise.reject(
      unsupportedCapability(this.#options.backend, 'terminal', 'Start the command with a terminal to resize it.'),
    );
  }

  async cancel(): Promise<void> {
    await this.#endBecause({ type: 'cancelled' });
  }

  wait(): Promise<ExecEnd> {
    return this.#ended.promise;
  }

  async detach(): Promise<void> {
    this.#giveUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#givenUp) return;
    if (this.#options.owned) {
      await this.cancel();
      await this.#ended.promise;
      this.#options.onCollected();
    }
    this.#giveUp();
  }

  #stdin(): StdinFeeder {
    if (this.#options.stdin) return this.#options.stdin;
    throw new RecacError('RECAC_INVALID_ARGUMENT', "stdin is not open. Start the command with stdin: 'pipe'.", {
      details: { field: 'stdin', rule: 'is not open' },
    });
  }

  #listenToSignal(): void {
    const { signal } = this.#options;
    if (!signal) return;
    const fire = (): void => {
      if (this.#options.owned) void this.cancel();
      else this.#giveUp();
    };
    if (signal.aborted) fire();
    signal.addEventListener('abort', fire, { once: true });
    const forget = (): void => signal.removeEventListener('abort', fire);
    this.#ended.promise.then(forget, forget);
  }

  async #endBecause(cause: EndCause): Promise<void> {
    if (this.#givenUp || this.#options.follower.end) return;
    this.#cause ??= cause;
    this.#ending ??= endCommand({
      pool: this.#options.pool,
      address: this.#options.address,
      process: this.#options.started.process,
      follower: this.#options.follower,
      cause: this.#cause,
      graceMs: this.#options.killGraceMs,
      reconnectMs: this.#options.reconnectMs,
    });
    const report = await this.#ending.catch(() => undefined);
    // A later cancel tries again.
    if (!report && !this.#options.follower.end) this.#ending = undefined;
    if (report) this.#options.follower.lose('its processes could not be ended');
  }

  async #toEnd(end: FollowedEnd): Promise<ExecEnd> {
    this.#limits.clear();
    this.#options.stdin?.close();
    const killed = await this.#ending?.catch(() => undefined);
    this.#options.onLaneFree(end.type === 'recorded' && end.byLane);
    const record = end.type === 'recorded' ? end.record : undefined;
    const { stdoutDropped = 0, stderrDropped = 0 } = record ?? {};
    const isEnded = killed !== undefined && killed.survivors.length === 0;
    const outcome = (end.type === 'lost' && isEnded ? this.#cause : undefined) ?? toOutcome(end, this.#sentSignals);
    const outOfMemory = this.#isOutOfMemory(outcome, record);
    return {
      execId: this.execId,
      outcome,
      exitCode: toExitCode(outcome),
      stdoutBytes: this.#options.follower.length('out') + stdoutDropped,
      stderrBytes: this.#options.follower.length('err') + stderrDropped,
      droppedBytes: stdoutDropped + stderrDropped,
      durationMs: performance.now() - this.#startedAt,
      outputHeldOpen: record?.heldOpen ?? false,
      ...(outOfMemory ? { outOfMemory } : {}),
      ...(killed ? { killed } : {}),
    };
  }

  /** Only of a command that was killed and not by us, or whose shell says so of a child. */
  #isOutOfMemory(outcome: ExecOutcome, record: EndedCommand | undefined): boolean {
    const { memoryKills, started, owned } = this.#options;
    const kills = record?.memoryKills;
    if (kills === undefined) return false;
    if (owned) memoryKills.note(kills);
    const isKilled = outcome.type === 'exited' || outcome.type === 'signaled';
    return isKilled && !this.#sentSignals.has('SIGKILL') && memoryKills.hasGrown(started.memoryKills, kills);
  }

  #giveUp(): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    this.#limits.clear();
    this.#reading.abort('given up');
    if (this.#options.follower.end) return;
    this.#options.follower.stop();
    this.#options.stdin?.close();
    this.#options.onLaneFree(false);
    this.#ended.reject(abortedError('waiting for the command', this.#options.signal?.reason));
  }
}

/** Not sent twice: a command may count its signals. */
function signalUnanswered(signal: string, cause: LaneBrokenError): RecacError {
  return new RecacError(
    'RECAC_EXEC_FAILED',
    `the line broke while ${signal} was sent; the command may or may not have got it. Send it again, or cancel the command.`,
    { cause },
  );
}
