import type { Readable, Writable } from 'node:stream';
import type {
  BuildOptions,
  EngineCapabilities,
  EngineInfo,
  EnsureImageOptions,
  EnvironmentEvent,
  EnvironmentSpec,
  EnvironmentStatus,
  ImageInfo,
  ImageSummary,
  KeptWorkspace,
  PortConnection,
  StartEvent,
  TerminalSize,
} from '@recac/engine-core';

/** Where command lanes live in an environment. */
export interface LanePlace {
  /**
   * Absolute path, inside the environment, of an existing directory for command records. Every user that commands run as must
   * be able to create directories in it. It lives as long as the environment and should be on disk: records of output are as large as the output.
   */
  readonly runDirectory: string;
  /** The POSIX shell that runs command lanes: argv to which `-c SCRIPT` is appended. Default: `['sh']`. */
  readonly shell?: readonly string[];
}

/** An environment as its driver knows it. */
export interface DriverEnvironment extends LanePlace {
  /** What callers see of it. */
  readonly status: EnvironmentStatus;
}

/** Which environments a driver looks for. No field: all of ours. */
export interface DriverFilter {
  /** The environment with this id. */
  readonly id?: string;
  /** The environment of this session. */
  readonly sessionId?: string;
}

/** What a driver may use while it works. */
export interface DriverContext {
  /**
   * Fires when the call is cancelled or the engine is closed, and that of `create` also when the pending limit has passed. It carries no other limit: a driver sets
   * its own for a backend that does not answer.
   */
  readonly signal: AbortSignal;
}

/** What a driver may use while it creates an environment. */
export interface CreateContext extends DriverContext {
  /** Tells the caller where the start stands. */
  readonly onEvent: (event: StartEvent) => void;
  /** Tells the caller, in a sentence, that the environment is less protected than it could be. */
  readonly onWarning: (message: string) => void;
  /**
   * The argv of the first process that `openProcess` will be asked for, as the environment's own user, in an environment with this shell and directory for records. A driver that can
   * start it with the environment saves the call that opens a process; it may be started before anybody asks for it. Others need not look.
   */
  readonly toFirstProcess: (place: LanePlace) => readonly string[];
}

/** One process to open inside an environment. */
export interface ProcessSpec {
  /** Program and arguments, kept byte for byte. */
  readonly argv: readonly (string | Uint8Array)[];
  /** Name, uid or uid:gid; HOME, USER and LOGNAME are set to match. Unknown: `RECAC_INVALID_ARGUMENT`, field `user`. Default: the environment's. */
  readonly user?: string;
  /** Variables added to the environment's. Default: none. */
  readonly environmentVariables?: Readonly<Record<string, string | Uint8Array>>;
  /** Absolute directory. Default: the workspace. */
  readonly workingDirectory?: string;
  /** Give it a terminal; stdout and stderr are one stream then. Default: none. */
  readonly terminal?: TerminalSize;
}

/** How a raw process ended, as far as its stream can tell. */
export type RawExit =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'signaled'; readonly signal: string }
  | { readonly type: 'lost'; readonly reason: string };

/**
 * One process opened over one stream. Nothing durable is promised: when the line breaks, `exited` says `lost`
 * and the process may go on.
 */
export interface RawProcess {
  /** Ends with a real half-close. Emits `error` when the line breaks. */
  readonly stdin: Writable;
  /** Honours back-pressure. Ends when the process closed it or the line broke. */
  readonly stdout: Readable;
  /** As stdout. */
  readonly stderr: Readable;
  /** Settles once, never rejects. */
  readonly exited: Promise<RawExit>;
  /** Signals the process and its group, where the backend can; otherwise does nothing. */
  signal(signal: string): void;
  /** Changes the terminal's size, where there is one. Resolves when it has changed, or could not. */
  resize(size: TerminalSize): Promise<void>;
  /** Cuts the line. The process sees the end of its stdin; it is not killed. Idempotent. */
  close(): void;
}

/**
 * The narrow part that a backend author writes; `createEngine` makes a `ContainerEngine` of it. A driver knows nothing of lanes,
 * durability, the renewal of leases or time limits of commands. Where a specification has a lease, it watches the file that renewals change (`leaseWatchScript`), in something that lives
 * with the environment, ends the environment when it has run out, and tells its length in `status.leaseMs`; without that nobody renews it. Every process gets the specification's
 * `environmentVariables`, and none of the client's. Every method rejects with a `RecacError`; construction does no I/O.
 */
export interface EngineDriver {
  /** The backend's name. */
  readonly backend: string;
  /** What the backend can do; constant. */
  readonly capabilities: EngineCapabilities;
  /** Reaches the backend and checks version and rights. Called once before anything else, again after it failed. */
  connect(context: DriverContext): Promise<EngineInfo>;
  /** Makes an image present. Left out when `capabilities.images` is false. */
  ensureImage?(reference: string, options: EnsureImageOptions): Promise<ImageInfo>;
  /** The images that are present, newest first. Left out when `capabilities.listImages` is false. */
  listImages?(context: DriverContext): Promise<readonly ImageSummary[]>;
  /** The objects that `create` would create, without contacting anything; `onWarning` is told what a start would add. Left out when `capabilities.renderEnvironment` is false. */
  render?(spec: EnvironmentSpec, context: Pick<CreateContext, 'signal' | 'onWarning'>): Promise<readonly unknown[]>;
  /** Builds an image. Left out when `capabilities.buildImage` is false. */
  buildImage?(options: BuildOptions): Promise<string>;
  /**
   * Creates the environment, to the point where a process can be opened. Removes all it made when it fails or is cancelled; what it cannot remove it tells in the error's details:
   * `cleanup`, in sentences that name it, and `left`, a list of names. When the pending limit has passed, the signal's reason is a `RECAC_ENVIRONMENT_START_TIMEOUT`, and the details
   * may have `evidence`: the backend's own words on where the start stood, the last ones last.
   * The specification has been validated. Two calls with one session id at a time: one gets `RECAC_ENVIRONMENT_CONFLICT`.
   */
  create(spec: EnvironmentSpec, context: CreateContext): Promise<DriverEnvironment>;
  /** Ends every process and deletes all we made for it. Resolves when nothing is there (any more). */
  remove(id: string, context: DriverContext): Promise<void>;
  /** Environments of ours, from the backend's own records. */
  find(filter: DriverFilter, context: DriverContext): Promise<readonly DriverEnvironment[]>;
  /** Workspaces of ours that no environment has any more. Left out, as the next one, when `capabilities.keptWorkspaces` is false. */
  findKeptWorkspaces?(context: DriverContext): Promise<readonly KeptWorkspace[]>;
  /** Deletes one; nothing happens when it is gone. Errors: `RECAC_ENVIRONMENT_CONFLICT` while an environment has it. */
  removeKeptWorkspace?(id: string, context: DriverContext): Promise<void>;
  /** What exists, then every change, until the signal fires. */
  watch(filter: DriverFilter, context: DriverContext): AsyncIterable<EnvironmentEvent>;
  /** Opens a process. Errors: `RECAC_ENVIRONMENT_NOT_FOUND`, `RECAC_INVALID_ARGUMENT` (user), `RECAC_EXEC_FAILED`. */
  openProcess(id: string, spec: ProcessSpec, context: DriverContext): Promise<RawProcess>;
  /** Connects to a port on the environment's loopback address. Left out when `capabilities.openPort` is false. */
  openPort?(id: string, port: number, context: DriverContext): Promise<PortConnection>;
  /** Why an environment does not run, in a sentence; undefined when it does, or nobody knows. */
  diagnose(id: string, context: DriverContext): Promise<string | undefined>;
  /** Closes connections. Environments go on. */
  close(): Promise<void>;
}
