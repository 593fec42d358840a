import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import {
  type ExecEnd,
  type ExecHandle,
  type ExecOutcome,
  invalidArgument,
  type KillReport,
  type TerminalSize,
  toExitCode,
  unsupportedCapability,
} from '@recac/engine-core';
import { delay } from '../deadline.ts';
import { doneWithin } from '../done-within.ts';
import type { RawProcess } from '../engine-driver.ts';
import { checkSignal } from './check-signal.ts';
import { checkTerminalSize } from './check-terminal-size.ts';
import { ExecLimits } from './exec-limits.ts';
import { toStdinBytes } from './stdin-bytes.ts';

/** How long a process gets to end by SIGKILL until its line is cut, in milliseconds. */
const killTimeMs = 5_000;

/** How long a reader waits in vain after the exit, twice, until the output counts as held open, in milliseconds. */
const outputPauseMs = 25;

/** What a handle on a process without a record is made of. */
export interface RawExecOptions {
  /** The backend's name, for messages. */
  readonly backend: string;
  /** The environment it runs in. */
  readonly environmentId: string;
  /** The process. */
  readonly process: RawProcess;
  /** stdin takes `write`. */
  readonly stdin: 'empty' | 'pipe';
  /** It has a terminal: the end of its stdin is not sent, which would end the stream (docker) instead. */
  readonly terminal: boolean;
  /** The engine keeps records of commands, though not of this one. */
  readonly isDurable: boolean;
  /** Limit of the whole command. */
  readonly timeoutMs?: number;
  /** Limit without output. */
  readonly idleTimeoutMs?: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
  /** Cancels the command. */
  readonly signal?: AbortSignal;
}

/**
 * A handle on a process that no lane records: for terminals, for images without `sh`, for systems without /proc.
 * It ends with its stream: a broken line is `lost`.
 */
export class RawExec implements ExecHandle {
  readonly execId: string = `raw-${randomUUID()}`;
  readonly environmentId: string;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  readonly #options: RawExecOptions;
  readonly #startedAt = performance.now();
  readonly #limits: ExecLimits;
  readonly #ended: Promise<ExecEnd>;
  #lastOutputAt = performance.now();
  #bytes = { out: 0, err: 0 };
  #cause: ExecOutcome | undefined;
  #ending: Promise<KillReport> | undefined;
  #stdinEnded: boolean;
  #heldOpen = false;
  #isDisposed = false;

  constructor(options: RawExecOptions) {
    this.#options = options;
    this.environmentId = options.environmentId;
    this.stdout = this.#count(options.process.stdout, 'out');
    this.stderr = this.#count(options.process.stderr, 'err');
    this.#stdinEnded = options.stdin === 'empty';
    options.process.stdin.on('error', () => {});
    if (this.#stdinEnded && !options.terminal) options.process.stdin.end();
    this.#limits = new ExecLimits({
      ...options,
      lastOutputAt: () => this.#lastOutputAt,
      onLimit: (outcome) => void this.#endBecause(outcome),
    });
    this.#ended = options.process.exited.then((exit) => this.#toEnd(exit));
    const cancel = (): void => void this.cancel();
    if (options.signal?.aborted) cancel();
    options.signal?.addEventListener('abort', cancel, { once: true });
    void this.#ended.then(() => options.signal?.removeEventListener('abort', cancel));
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.#stdinEnded)
      throw invalidArgument('stdin', 'is not open', "Start the command with stdin: 'pipe' and write before end().");
    const { stdin } = this.#options.process;
    const bytes = toStdinBytes(data);
    if (!stdin.writable || stdin.write(bytes)) return;
    await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), this.#ended]);
  }

  async end(): Promise<void> {
    if (this.#options.stdin === 'empty')
      throw invalidArgument('stdin', 'is not open', "Start the command with stdin: 'pipe'.");
    this.#stdinEnded = true;
    if (!this.#options.terminal) this.#options.process.stdin.end();
  }

  async signal(signal: string): Promise<void> {
    checkSignal(signal);
    this.#options.process.signal(signal);
  }

  async resize(size: TerminalSize): Promise<void> {
    if (!this.#options.terminal)
      throw unsupportedCapability(this.#options.backend, 'terminal', 'Start the command with a terminal to resize it.');
    checkTerminalSize(size, 'size');
    await this.#options.process.resize(size);
  }

  async cancel(): Promise<void> {
    await this.#endBecause({ type: 'cancelled' });
  }

  async wait(): Promise<ExecEnd> {
    const end = await this.#ended;
    return { ...end, stdoutBytes: this.#bytes.out, stderrBytes: this.#bytes.err, outputHeldOpen: this.#heldOpen };
  }

  async detach(): Promise<void> {
    const nextStep = 'Keep the handle until the command has ended';
    if (!this.#options.isDurable) throw unsupportedCapability(this.#options.backend, 'durableExec', `${nextStep}.`);
    throw invalidArgument(
      'terminal',
      'leaves no record to find the command again by',
      `${nextStep}, or start it without a terminal.`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
    await this.#ended;
    const { process } = this.#options;
    this.#isDisposed = true;
    process.close();
    process.stdout.destroy();
    process.stderr.destroy();
  }

  async *#count(stream: Readable, name: 'out' | 'err'): AsyncGenerator<Uint8Array, void, undefined> {
    void this.#options.process.exited.then(() => this.#endHeldOutput(stream));
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        this.#bytes[name] += chunk.length;
        this.#lastOutputAt = performance.now();
        yield chunk;
      }
    } catch (error) {
      if (!this.#heldOpen && !this.#isDisposed) throw error;
    }
  }

  async #endBecause(outcome: ExecOutcome): Promise<void> {
    if (await doneWithin(this.#ended, 0)) return;
    this.#cause ??= outcome;
    this.#ending ??= this.#kill();
    await this.#ending;
  }

  async #kill(): Promise<KillReport> {
    const { process, killGraceMs } = this.#options;
    process.signal('SIGTERM');
    const inTime = await doneWithin(process.exited, killGraceMs);
    process.signal('SIGKILL');
    void this.#cutUnlessOver();
    return { signal: inTime ? 'SIGTERM' : 'SIGKILL', escapees: 0, survivors: [] };
  }

  /** A signal may not reach it, as a process of another user: waiting for its end would never end. */
  async #cutUnlessOver(): Promise<void> {
    const { process } = this.#options;
    if (!(await doneWithin(process.exited, killTimeMs))) process.close();
  }

  /** Of a stream that is read: after the exit a background child may hold it open. Once the reader has waited in vain for a moment, it is over. */
  async #endHeldOutput(stream: Readable): Promise<void> {
    let quiet = 0;
    while (!stream.readableEnded && !stream.destroyed) {
      const before = this.#bytes.out + this.#bytes.err;
      await delay(outputPauseMs);
      const waiting = stream.readableLength === 0 && before === this.#bytes.out + this.#bytes.err;
      quiet = waiting ? quiet + 1 : 0;
      if (quiet < 2) continue;
      this.#heldOpen = true;
      stream.destroy();
    }
  }

  async #toEnd(exit: ExecOutcome): Promise<ExecEnd> {
    this.#limits.clear();
    const killed = await this.#ending;
    const outcome = this.#cause ?? exit;
    return {
      execId: this.execId,
      outcome,
      exitCode: toExitCode(outcome),
      stdoutBytes: this.#bytes.out,
      stderrBytes: this.#bytes.err,
      droppedBytes: 0,
      durationMs: performance.now() - this.#startedAt,
      outputHeldOpen: this.#heldOpen,
      ...(killed ? { killed } : {}),
    };
  }
}
