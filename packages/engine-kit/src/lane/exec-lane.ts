import type { Buffer } from 'node:buffer';
import { RecacError } from '@recac/engine-core';
import type { RawProcess } from '../engine-driver.ts';
import { decodeEndCause, type EndCause } from './end-cause.ts';
import { toSegment } from './exec-address.ts';
import { inlineOutputLimit } from './exec-lane-script.ts';
import { buildLeaveRequest } from './exec-request.ts';
import { noShellAnswered, readFirstLine } from './first-line.ts';
import type { LineReader } from './line-reader.ts';

/** A process as named by its id and its start time, so that a reused id is not taken for it. */
export interface ProcessIdentity {
  /** Process id inside the environment. */
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

/** A command that has started in a lane. */
export interface StartedCommand {
  /** Its first process. */
  readonly process: ProcessIdentity;
  /** Where its stdout begins in the segment. */
  readonly stdoutBase: number;
  /** Where its stderr begins in the segment. */
  readonly stderrBase: number;
  /** Bytes of each stream that count as recorded; the files may hold a little more. */
  readonly limit: number;
  /** How many processes of the container the kernel had killed for memory; 0 where it does not tell. */
  readonly memoryKills: number;
}

/** The complete record of a command that ended. */
export interface EndedCommand {
  /** Exit code as the shell saw it: 128+n for a signal. */
  readonly code: number;
  /** The shell saw it die by a signal. SIGINT and SIGPIPE cannot be told from `exit 130` and `exit 141`. */
  readonly signaled: boolean;
  /** Why a client ended it, when one did. */
  readonly cause?: EndCause;
  /** As in `StartedCommand`, at its end; only of a command that ended as one does that was killed, by no client. */
  readonly memoryKills?: number;
  /** End of its stdout in the segment. */
  readonly stdoutEnd: number;
  /** End of its stderr in the segment. */
  readonly stderrEnd: number;
  /** Bytes of stdout counted and dropped beyond the record limit. */
  readonly stdoutDropped: number;
  /** Bytes of stderr counted and dropped beyond the record limit. */
  readonly stderrDropped: number;
  /** A background child still held stdout or stderr. */
  readonly heldOpen: boolean;
  /** The output itself, when it was short enough to come with the reply. */
  readonly output?: { readonly stdout: Buffer[]; readonly stderr: Buffer[] };
}

/** One command in a lane. */
export interface LaneRun {
  /** Resolves when the command's process exists; rejects when it was refused (nothing ran) or the lane broke before. */
  readonly started: Promise<StartedCommand>;
  /** Resolves with the complete record; rejects when the lane broke, which says nothing about the command. */
  readonly ended: Promise<EndedCommand>;
}

/** Thrown inside the kit when a lane's stream ended or said something unexpected. */
export class LaneBrokenError extends Error {
  override readonly name = 'LaneBrokenError';
}

/** A command starts in milliseconds, on a busy machine in seconds: after this long without a word the line is taken for dead, which that of an idle lane may be without anybody's noticing. */
const startTimeoutMs = 30_000;

/** What is sent has usually left by then. */
const sentMs = 1_000;

/** A resident shell that runs one command at a time. */
export class ExecLane {
  /** Name of the lane, the start of its record files. */
  readonly name: string;
  /** The dispatcher's own process. */
  readonly dispatcher: ProcessIdentity;
  /** Settles when the lane's stream is gone. */
  readonly gone: Promise<void>;
  readonly #process: RawProcess;
  readonly #reader: LineReader;
  #generation: number;
  #number = 0;
  #usable = true;

  private constructor(name: string, process: RawProcess, reader: LineReader, ready: readonly string[]) {
    this.name = name;
    this.#process = process;
    this.#reader = reader;
    this.dispatcher = { pid: Number(ready[1]), startTime: String(ready[2]) };
    this.#generation = Number(ready[3]);
    this.gone = process.exited.then(() => {
      this.#usable = false;
    });
  }

  /** Waits until the dispatcher answers. Errors: `RECAC_EXEC_FAILED` with what is missing in the environment. */
  static async open(name: string, process: RawProcess): Promise<ExecLane> {
    const { line, reader } = await readFirstLine(process);
    const words = line?.split(' ') ?? [];
    if (words[0] === 'ready' && words.length === 4) return new ExecLane(name, process, reader, words);
    process.close();
    throw cannotOpenLane(words);
  }

  /** Generation of the segment that the next command's record goes to. */
  get generation(): number {
    return this.#generation;
  }

  /** The segment of that generation: the common start of its file names. */
  get segment(): string {
    return toSegment({ lane: this.name, generation: this.#generation });
  }

  /** Number that the next command gets. */
  get nextNumber(): number {
    return this.#number + 1;
  }

  /** False once the stream broke or was closed. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Runs one command; the lane must be idle. `request` is from `buildExecRequest`. */
  run(request: Buffer): LaneRun {
    this.#number += 1;
    const started = Promise.withResolvers<StartedCommand>();
    const ended = this.#follow(this.#number, started).catch((error: unknown) => {
      this.close();
      const broken =
        error instanceof LaneBrokenError || RecacError.isInstance(error)
          ? error
          : new LaneBrokenError('the command lane broke', { cause: error });
      started.reject(broken);
      throw broken;
    });
    started.promise.catch(() => {});
    ended.catch(() => {});
    this.#process.stdin.write(request);
    const hear = this.#closeWhenSilent();
    started.promise.then(hear, hear);
    return { started: started.promise, ended };
  }

  /** Ends an idle lane, which removes the records of these segments before it goes; resolves when it has gone. */
  async leave(segments: readonly string[]): Promise<void> {
    this.#usable = false;
    this.#process.stdin.write(buildLeaveRequest(segments));
    await this.gone;
  }

  /** Cuts the lane. A command in it goes on and is recorded. */
  close(): void {
    this.#usable = false;
    this.#process.close();
  }

  /** Cuts the lane when nothing comes, and nothing more of what is sent is taken, for so long. Gives what ends that. */
  #closeWhenSilent(): () => void {
    const { stdin } = this.#process;
    let left = Number.POSITIVE_INFINITY;
    let timer: NodeJS.Timeout;
    const look = (): void => {
      if (stdin.writableLength >= left) {
        this.close();
        return;
      }
      left = stdin.writableLength;
      timer = setTimeout(look, startTimeoutMs);
    };
    timer = setTimeout(look, sentMs);
    return () => clearTimeout(timer);
  }

  async #follow(number: number, started: PromiseWithResolvers<StartedCommand>): Promise<EndedCommand> {
    let begun: StartedCommand | undefined;
    for (;;) {
      const words = (await this.#nextLine()).split(' ');
      if (Number(words[1]) !== number) throw new LaneBrokenError('the command lane answered for another command');
      if (words[0] === 'p' && words.length === 8) {
        begun = toStarted(words);
        started.resolve(begun);
      } else if (words[0] === 'x') {
        started.reject(toExecRefusal(words));
      } else if (words[0] === 'r' && words.length === 10) {
        if (!begun) started.reject(new LaneBrokenError('the command ended before it had started'));
        return this.#readRecord(words, begun);
      } else {
        throw new LaneBrokenError('the command lane said something unexpected');
      }
    }
  }

  async #nextLine(): Promise<string> {
    const line = await this.#reader.readLine();
    if (line === undefined) throw new LaneBrokenError('the command lane ended');
    return line;
  }

  async #readRecord(words: readonly string[], begun: StartedCommand | undefined): Promise<EndedCommand> {
    const ended = toEnded(words);
    const stdoutLength = ended.stdoutEnd - (begun?.stdoutBase ?? ended.stdoutEnd);
    const stderrLength = ended.stderrEnd - (begun?.stderrBase ?? ended.stderrEnd);
    this.#generation = Number(words[8]);
    if (stdoutLength + stderrLength > inlineOutputLimit) return ended;
    const stdout = await this.#reader.readBytes(stdoutLength);
    const stderr = await this.#reader.readBytes(stderrLength);
    return { ...ended, output: { stdout, stderr } };
  }
}

function toStarted(words: readonly string[]): StartedCommand {
  return {
    process: { pid: Number(words[2]), startTime: String(words[3]) },
    stdoutBase: Number(words[4]),
    stderrBase: Number(words[5]),
    limit: Number(words[6]),
    memoryKills: Number(words[7]),
  };
}

function toEnded(words: readonly string[]): EndedCommand {
  const code = String(words[2]);
  return {
    code: Number.parseInt(code, 10),
    signaled: code.endsWith('s'),
    stdoutEnd: Number(words[3]),
    stderrEnd: Number(words[4]),
    stdoutDropped: Number(words[5]),
    stderrDropped: Number(words[6]),
    heldOpen: words[7] === '1',
    ...toCause(words[9]),
  };
}

/** The cause as part of a record: absent when no client ended the command and nothing killed it. */
export function toCause(word: string | undefined): Pick<EndedCommand, 'cause' | 'memoryKills'> {
  const kills = /^memory\.(\d+)$/.exec(word ?? '');
  if (kills) return { memoryKills: Number(kills[1]) };
  const cause = decodeEndCause(word);
  return cause ? { cause } : {};
}

const refusals: Readonly<Record<string, readonly [rule: string, nextStep: string]>> = {
  missing: ['does not exist in the environment', 'Create it first, or leave it out to use the workspace.'],
  file: ['is not a directory', 'Name a directory, or leave it out to use the workspace.'],
  denied: ['cannot be entered by this user', 'Change its mode, or run as another user.'],
  proc: ['is under /proc or a link into it', 'Name a directory of a real file system (see CVE-2024-21626).'],
};

/** Why a dispatcher refused a command: words 2 and 3 are the field and the reason. */
export function toExecRefusal(words: readonly string[]): RecacError {
  const field = String(words[2]);
  const [rule, nextStep] = refusals[String(words[3])] ?? ['was refused by the environment', 'Check it and try again.'];
  return new RecacError('RECAC_INVALID_ARGUMENT', `${field} ${rule}. ${nextStep}`, { details: { field, rule } });
}

/** The directory for a user's records was there, and another user's: what is in it may be forged, and run as this user. */
export function foreignDirectory(): RecacError {
  return new RecacError(
    'RECAC_EXEC_FAILED',
    'the directory for command records of this user belongs to another user: something in the environment has made it. Remove it, or start a new environment.',
    { details: { reason: 'ForeignDirectory' } },
  );
}

function cannotOpenLane(words: readonly string[]): RecacError {
  if (words[0] === 'x' && words[3] === 'missing') {
    return new RecacError(
      'RECAC_EXEC_FAILED',
      `the environment has no ${words[2]} program, which running commands needs. Use an image with busybox or util-linux and coreutils.`,
    );
  }
  if (words[0] === 'x' && words[3] === 'foreign') return foreignDirectory();
  if (words[0] === 'x') {
    return new RecacError(
      'RECAC_EXEC_FAILED',
      'the directory for command records cannot be written by this user. Check the disk and the mode of the run directory.',
    );
  }
  return noShellAnswered();
}
