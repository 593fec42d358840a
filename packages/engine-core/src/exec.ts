/**
 * A command as argv: program first, no shell. Bytes are kept exactly: strings are sent as UTF-8, byte arrays as
 * they are. No element may hold NUL or exceed 131 071 bytes (Linux MAX_ARG_STRLEN; larger input belongs on stdin),
 * and all of them with the environment may not exceed 2 MiB; both are refused before anything runs.
 */
export type Command = readonly (string | Uint8Array)[];

/** How a command ended: exactly one of these. A non-zero exit is a result, never an error. */
export type ExecOutcome =
  /** It ran to its end. `code` is 0-255. 126: cannot be run, 127: not found, as in a shell. */
  | { readonly type: 'exited'; readonly code: number }
  /** A signal ended it: `SIGKILL`, `SIGSEGV`, … */
  | { readonly type: 'signaled'; readonly signal: string }
  /** Our time limit ended it: `total` or `idle` (no output for that long). */
  | { readonly type: 'timedOut'; readonly limit: 'total' | 'idle'; readonly limitMs: number }
  /** The caller ended it, by `AbortSignal` or `cancel()`. */
  | { readonly type: 'cancelled' }
  /** Nobody knows how it ended: no exit record and no process remain. Never retried by us, never 0. */
  | { readonly type: 'lost'; readonly reason: string };

/** What cancelling or a time limit did to the processes of a command. */
export interface KillReport {
  /** The strongest signal that was needed. */
  readonly signal: 'SIGTERM' | 'SIGKILL';
  /** Processes that had left the process group and were killed one by one. */
  readonly escapees: number;
  /** Process ids that were still there at the end. */
  readonly survivors: readonly number[];
}

/** How a command ended, without its output. */
export interface ExecEnd {
  /** Address of the command within its environment. */
  readonly execId: string;
  /** The truth about how it ended. */
  readonly outcome: ExecOutcome;
  /**
   * The outcome as a shell would say it: the command's code; 128+n for a signal; 124 timed out; 130 cancelled; 125 lost.
   */
  readonly exitCode: number;
  /** Bytes the command wrote to stdout, kept or not; as exact as `droppedBytes`. */
  readonly stdoutBytes: number;
  /** Bytes the command wrote to stderr, kept or not; as exact as `droppedBytes`. */
  readonly stderrBytes: number;
  /**
   * Bytes that were counted and dropped inside the environment, both streams: those beyond the record limit, and those that a full disk did not take. 0: none. Exact up to
   * 256 KiB beyond the limit; from there on, or with a full disk, it may miss up to 128 KiB of each stream, but is never 0 when bytes are missing.
   */
  readonly droppedBytes: number;
  /** Milliseconds from request to known end, by our monotonic clock. */
  readonly durationMs: number;
  /** Present when we killed it. */
  readonly killed?: KillReport;
  /** A background process still held stdout or stderr when the command ended; its later output is not part of the result. */
  readonly outputHeldOpen: boolean;
  /** The command ended as one does that was killed, and the kernel killed a process of the environment for memory meanwhile. Default: not so. */
  readonly outOfMemory?: boolean;
}

/** How a command ended, with its output. */
export interface ExecResult extends ExecEnd {
  /** Captured stdout decoded as UTF-8, invalid sequences replaced; `stdoutData` has the bytes. */
  readonly stdout: string;
  /** Captured stderr decoded as UTF-8. */
  readonly stderr: string;
  /** Captured stdout, byte for byte. */
  readonly stdoutData: Uint8Array;
  /** Captured stderr, byte for byte. */
  readonly stderrData: Uint8Array;
  /** True when captured output is shorter than what the command wrote; the difference is `stdoutBytes - stdoutData.length`. */
  readonly truncated: boolean;
}

/** Options of every call that runs a command. */
export interface CommandOptions {
  /** Variables added to the environment's; a value may be raw bytes. Names: not empty, no `=`, no NUL. */
  readonly environmentVariables?: Readonly<Record<string, string | Uint8Array>>;
  /** Working directory: absolute, existing, not under /proc. Default: the workspace. */
  readonly workingDirectory?: string;
  /** User: name, uid or uid:gid; unknown is an error before running. Default: the environment's. */
  readonly user?: string;
  /** Ends the command after this many milliseconds (`timedOut`, `total`). Kept by this client: a detached command has no limit. Default: none. */
  readonly timeoutMs?: number;
  /** Ends the command when it wrote nothing for this many milliseconds (`timedOut`, `idle`). Kept by this client. Default: none. */
  readonly idleTimeoutMs?: number;
  /** Time between SIGTERM and SIGKILL when we end a command, in milliseconds. Default: 5 000. */
  readonly killGraceMs?: number;
  /**
   * What becomes of a fed stdin when its client is gone before it said the end: `hold` keeps it open, so that the command never takes a lost client for an
   * end of file; `end` ends it, for commands that can tell half an input from a whole one and shall not stay. Default: `hold`.
   */
  readonly lostStdin?: 'hold' | 'end';
  /** Cancels: before the start `RECAC_ABORTED`, after it the outcome is `cancelled` and the process tree is gone. */
  readonly signal?: AbortSignal;
}

/** Size of a terminal, in character cells. */
export interface TerminalSize {
  /** Width, 1 to 65 535. */
  readonly columns: number;
  /** Height, 1 to 65 535. */
  readonly rows: number;
}

/** Options of `exec` and `execAsUser`. */
export interface ExecOptions extends CommandOptions {
  /** The command's stdin, then end of file; text is sent as UTF-8. Default: empty. */
  readonly stdin?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** Bytes of each stream kept in the result; the rest is counted. Default: 16 MiB. */
  readonly maxOutputBytes?: number;
  /** Called with each piece of stdout as it arrives; a returned promise holds back the next piece. */
  readonly onStdout?: (chunk: Uint8Array) => void | Promise<void>;
  /** Called with each piece of stderr as it arrives. */
  readonly onStderr?: (chunk: Uint8Array) => void | Promise<void>;
  /** Called once the command runs, for its id, signals or resizing. The handle is not the callee's to dispose or to read from. */
  readonly onStarted?: (handle: ExecHandle) => void;
  /** Runs in a terminal of this size; stdout and stderr are one stream then. Needs `capabilities.terminal`. */
  readonly terminal?: TerminalSize;
}

/** Options of `spawn`. */
export interface SpawnOptions extends CommandOptions {
  /** `pipe` gives the command a stdin that `write` and `end` feed; its end comes only from `end()`. Default: `empty`. */
  readonly stdin?: 'empty' | 'pipe';
  /** Runs in a terminal of this size; stdout and stderr are one stream then. Needs `capabilities.terminal`. */
  readonly terminal?: TerminalSize;
}

/** Options of `attachExec`. */
export interface AttachOptions {
  /** First byte of stdout to deliver. Default: 0. */
  readonly fromStdoutByte?: number;
  /** First byte of stderr to deliver. Default: 0. */
  readonly fromStderrByte?: number;
  /** Time between SIGTERM and SIGKILL when the handle's `cancel` ends the command, in milliseconds. Default: 5 000. */
  readonly killGraceMs?: number;
  /** Aborts the attaching and gives up the handle, its reads and `wait`; the command is left alone. */
  readonly signal?: AbortSignal;
}

/** What a record says about a command. */
export interface ExecInfo {
  /** Address of the command within its environment. */
  readonly execId: string;
  /** The argv, for people: long or binary arguments are shortened. */
  readonly command: readonly string[];
  /** When it was requested, by the clock of the client that did. */
  readonly startedAt: Date;
  /** `running`: a process or its unread record; `ended`: `outcome` is known. */
  readonly state: 'running' | 'ended';
  /** How it ended, once it has. */
  readonly outcome?: ExecOutcome;
  /** Process id inside the environment. */
  readonly pid?: number;
  /** Bytes recorded so far. */
  readonly stdoutBytes: number;
  /** Bytes recorded so far. */
  readonly stderrBytes: number;
}

/**
 * A running or ended command. Output is pulled: nothing is buffered for a reader that does not read, and a slow
 * reader never holds up the command.
 */
export interface ExecHandle extends AsyncDisposable {
  /** Address of the command within its environment. */
  readonly execId: string;
  /** The environment it runs in. */
  readonly environmentId: string;
  /** The recorded stdout from the first byte asked for, live; ends when the command's output is complete. One reader. */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** The same for stderr. */
  readonly stderr: AsyncIterable<Uint8Array>;
  /**
   * Sends bytes to stdin; resolves when they are on their way and more may follow, or when the command reads no more. Only with `stdin: 'pipe'`. Errors: `RECAC_EXEC_FAILED` when the line
   * broke, here and in `end`: the command may not have got all of it, and waits for more unless `lostStdin` is `end`.
   */
  write(data: string | Uint8Array): Promise<void>;
  /** Ends stdin. Idempotent. The command never sees an end of file that was not said here, unless `lostStdin` is `end`. */
  end(): Promise<void>;
  /** Sends a signal, such as `SIGINT`, to the command's process group. No-op once it has ended. */
  signal(signal: string): Promise<void>;
  /** Changes the terminal's size. Needs `terminal`. */
  resize(size: TerminalSize): Promise<void>;
  /**
   * Ends the command and its whole process tree: SIGTERM, grace, SIGKILL, sweep. Then `wait` says `cancelled`. A command that has ended keeps its outcome, and what it left
   * running goes on [cancellation/after-the-end, cancellation/left-behind]. Idempotent.
   */
  cancel(): Promise<void>;
  /**
   * Resolves when the command has ended, read or not. Never rejects for a command that ran, but with `RECAC_ABORTED` once this handle has been given up before: by `detach`, or, of an attached one, by
   * its signal or by disposing it [cancellation/aborted-attach, detached/wait-after-detach].
   */
  wait(): Promise<ExecEnd>;
  /**
   * Leaves the command running and gives up this handle; `attachExec` finds it again. A command in a terminal has no record: `RECAC_INVALID_ARGUMENT` [capabilities/terminal-detach].
   */
  detach(): Promise<void>;
}
