import type { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import type { RawProcess } from '../engine-driver.ts';
import { type EndCause, encodeEndCause } from './end-cause.ts';
import { foreignDirectory, LaneBrokenError, type ProcessIdentity } from './exec-lane.ts';
import { hasFailedByItself, noShellAnswered, readFirstLine } from './first-line.ts';
import type { LineReader } from './line-reader.ts';

/** Where the record of a running command stands. */
export interface RecordPosition {
  /** End of stdout in the segment so far; undefined when the lane is gone. */
  readonly stdoutEnd?: number;
  /** End of stderr in the segment so far; undefined when the lane is gone. */
  readonly stderrEnd?: number;
  /** The command's first process exists. */
  readonly alive: boolean;
}

/** What a sweep did. */
export interface SweepReport {
  /** Processes killed. */
  readonly killed: number;
  /** Ids of processes that are still there. */
  readonly survivors: readonly number[];
}

/** An answer takes a millisecond, and so does the beginning of a read: this long without a byte, and a line that seems open is not. */
const answerTimeoutMs = 10_000;

/** Looking through all processes, and removing large records, takes longer. */
const workTimeoutMs = 60_000;

/** The lane beside the exec lanes: looks at records, reads ranges of them, signals, cleans up. Requests queue. */
export class ControlLane {
  readonly #process: RawProcess;
  readonly #reader: LineReader;
  #last: Promise<unknown> = Promise.resolve();
  #usable = true;

  private constructor(process: RawProcess, reader: LineReader) {
    this.#process = process;
    this.#reader = reader;
    void process.exited.then(() => {
      this.#usable = false;
    });
  }

  /** Waits until the dispatcher answers. Errors: `RECAC_EXEC_FAILED`, with `details.reason` `ForeignDirectory` or, for a shell that failed by itself, without one; a `LaneBrokenError`. */
  static async open(process: RawProcess): Promise<ControlLane> {
    const { line, reader } = await readFirstLine(process);
    const hasFailed = line === undefined && (await hasFailedByItself(process));
    if (line !== 'ready') process.close();
    if (line === 'foreign') throw foreignDirectory();
    if (hasFailed) throw noShellAnswered();
    if (line !== 'ready') throw new LaneBrokenError('the control lane did not answer');
    return new ControlLane(process, reader);
  }

  /** False once the stream broke or was closed. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Where a running command's record stands. */
  async poll(dispatcher: ProcessIdentity, command: ProcessIdentity, segment: string): Promise<RecordPosition> {
    const words = await this.#askWords(
      `_rcpoll ${dispatcher.pid} ${dispatcher.startTime} ${command.pid} ${command.startTime} ${segment}`,
    );
    const alive = words[2] === '1';
    return words[0] === '-' ? { alive } : { stdoutEnd: Number(words[0]), stderrEnd: Number(words[1]), alive };
  }

  /** The log lines of one command. */
  status(segment: string, number: number): Promise<readonly string[]> {
    return this.#askLines(`_rcstatus ${segment} ${number}`);
  }

  /** Every log and meta line: `FILE LINE`. */
  list(): Promise<readonly string[]> {
    return this.#askLines('_rclist');
  }

  /** Names of the pools that have a directory for records. */
  pools(): Promise<readonly string[]> {
    return this.#askLines('_rcpools');
  }

  /** Exactly `length` bytes of a record, from `offset` of its segment. */
  read(segment: string, stream: 'out' | 'err', offset: number, length: number): Promise<Buffer[]> {
    const request = `_rcread ${segment} ${stream} ${offset} ${length}`;
    return this.#ask(request, () => this.#reader.readBytes(length));
  }

  /** Sizes of the record files of a segment. */
  async size(segment: string): Promise<{ readonly stdoutEnd: number; readonly stderrEnd: number }> {
    const words = await this.#askWords(`_rcsize ${segment}`);
    return { stdoutEnd: Number(words[0]), stderrEnd: Number(words[1]) };
  }

  /** Writes down, before a command is ended, why: every client then sees the same outcome. */
  async mark(segment: string, number: number, cause: EndCause): Promise<void> {
    await this.#askLines(`_rcmark ${segment} ${number} ${encodeEndCause(cause)}`);
  }

  /** Signals a command's process group; false when it is gone. */
  async kill(signal: string, command: ProcessIdentity): Promise<boolean> {
    return (
      (await this.#askWords(`_rckill ${signal.replace(/^SIG/, '')} ${command.pid} ${command.startTime}`))[0] === '1'
    );
  }

  /** Tells a dispatcher not to wait for output in a segment that is held open by a background child. */
  async release(dispatcher: ProcessIdentity, segment: string): Promise<void> {
    await this.#askWords(`_rcrelease ${dispatcher.pid} ${dispatcher.startTime} ${segment}`);
  }

  /** Kills every process with the marker of a command in its environment, and those that hold the segment's FIFOs as long as no later command has started in it. */
  async sweep(marker: string, segment: string, number: number): Promise<SweepReport> {
    const [killed, ...survivors] = await this.#askWords(`_rcsweep ${marker} ${segment} ${number}`, workTimeoutMs);
    return { killed: Number(killed), survivors: survivors.filter(Boolean).map(Number) };
  }

  /** Removes segments. */
  async forget(segments: readonly string[]): Promise<void> {
    await this.#askLines(`_rcforget ${segments.join(' ')}`, workTimeoutMs);
  }

  /** Writes down that a client follows a command it did not start. */
  async attach(): Promise<void> {
    await this.#askLines('_rcattach');
  }

  /** True when a client has ever attached. */
  async attached(): Promise<boolean> {
    return (await this.#askWords('_rcattached'))[0] === '1';
  }

  /** Shows life to the environment's lease. */
  async renewLease(token: string): Promise<void> {
    await this.#askLines(`_rclease ${token}`);
  }

  /** Cuts the lane. */
  close(): void {
    this.#usable = false;
    this.#process.close();
  }

  async #askWords(request: string, timeoutMs = answerTimeoutMs): Promise<readonly string[]> {
    return (await this.#ask(request, () => this.#line(), timeoutMs)).split(' ');
  }

  #askLines(request: string, timeoutMs = answerTimeoutMs): Promise<readonly string[]> {
    const readLines = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      for (;;) {
        const line = await this.#line();
        if (line === '.') return lines;
        lines.push(line);
      }
    };
    return this.#ask(request, readLines, timeoutMs);
  }

  async #line(): Promise<string> {
    const line = await this.#reader.readLine();
    if (line === undefined) throw new LaneBrokenError('the control lane ended');
    return line;
  }

  #ask<T>(request: string, answer: () => Promise<T>, timeoutMs = answerTimeoutMs): Promise<T> {
    const result = this.#last.then(async () => {
      if (!this.#usable) throw new LaneBrokenError('the control lane is gone');
      const stop = this.#closeWhenSilent(timeoutMs);
      try {
        this.#process.stdin.write(`${request}\n`);
        return await answer();
      } catch (error) {
        this.close();
        throw error instanceof LaneBrokenError
          ? error
          : new LaneBrokenError('the control lane broke', { cause: error });
      } finally {
        stop();
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** Cuts the lane once nothing has come for so long from now on. Gives what ends that. */
  #closeWhenSilent(silentMs: number): () => void {
    const askedAt = performance.now();
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = Math.max(askedAt, this.#reader.heardAt) + silentMs - performance.now();
      if (leftMs <= 0) this.close();
      else timer = setTimeout(wait, Math.ceil(leftMs));
    };
    wait();
    return () => clearTimeout(timer);
  }
}
