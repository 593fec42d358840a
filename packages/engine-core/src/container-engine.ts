import type { BuildOptions } from './build-options.ts';
import type { EngineCapabilities } from './engine-capabilities.ts';
import type {
  Environment,
  EnvironmentEvent,
  EnvironmentSpec,
  EnvironmentStatus,
  PullPolicy,
  StartEvent,
} from './environment.ts';
import type { AttachOptions, Command, ExecHandle, ExecInfo, ExecOptions, ExecResult, SpawnOptions } from './exec.ts';
import type { KeptWorkspace } from './workspace.ts';

/** Options that every call takes. */
export interface CallOptions {
  /** Cancels the call: it rejects with `RECAC_ABORTED` and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** What `init` found at the other end. */
export interface EngineInfo {
  /** `local`, `docker`, `kubernetes`, or a package's own name. */
  readonly backend: string;
  /** Version of the daemon or cluster, or of the operating system for local. */
  readonly version: string;
  /** Where it was found: a socket, a URL, a directory. Holds no credentials. */
  readonly endpoint: string;
  /** What the endpoint's names make likely to be a cluster on this machine. A hint: names prove nothing. Default: it does not look like one. */
  readonly localCluster?: LocalCluster;
  /** Why no environment can be started, with the next step, such as a Role to ask for: what a start is refused with. Other calls may work. Absent: nothing is known that keeps one from starting. */
  readonly cannotStart?: string;
}

/** A kind of cluster that people run on their own machine. */
export interface LocalCluster {
  /** Its name, such as `kind`. */
  readonly name: string;
  /** Which directories of this machine its nodes see, in a sentence. */
  readonly directories: string;
}

/** What `ensureImage` knows afterwards. */
export interface ImageInfo {
  /** The reference asked for. */
  readonly reference: string;
  /** Content digest `sha256:…`, where the backend tells it. */
  readonly digest?: string;
}

/** Options of `ensureImage`. */
export interface EnsureImageOptions extends CallOptions {
  /** When to pull. Default: `if-missing`. */
  readonly policy?: PullPolicy;
  /** Platform such as `linux/arm64`. Default: the backend's own. */
  readonly platform?: string;
  /** Called as layers arrive. */
  readonly onProgress?: (progress: ImageProgress) => void;
}

/** One step of a pull, as the daemon tells it. */
export interface ImageProgress {
  /** What happens, such as `Downloading`. */
  readonly status: string;
  /** Short id of the layer it happens to. Default: the whole image. */
  readonly layer?: string;
  /** Bytes done, where known. */
  readonly currentBytes?: number;
  /** Bytes in all, where known. */
  readonly totalBytes?: number;
}

/** An image that is present, as `listImages` tells it. */
export interface ImageSummary {
  /** Its id, `sha256:…`. */
  readonly id: string;
  /** References that name it, such as `node:24`. */
  readonly references: readonly string[];
  /** Bytes on disk. */
  readonly sizeBytes: number;
  /** When it was built. */
  readonly createdAt: Date;
}

/** One connection to a port inside an environment. */
export interface PortConnection extends AsyncDisposable {
  /** What the other end sends; ends when it closes. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Sends; resolves when more may be sent. Errors: `RECAC_EXEC_FAILED` when the connection is gone. */
  write(data: Uint8Array): Promise<void>;
  /** Says that no more will be sent. */
  end(): Promise<void>;
}

/** Options of `startEnvironment`. */
export interface StartOptions extends CallOptions {
  /** Called as the start moves through its phases. */
  readonly onEvent?: (event: StartEvent) => void;
  /** Called with a sentence when the environment is less protected than it could be, and why. */
  readonly onWarning?: (message: string) => void;
}

/** Which environments to list or watch. */
export interface EnvironmentFilter extends CallOptions {
  /** Only the environment of this session. Default: all of ours. */
  readonly sessionId?: string;
}

/**
 * Disposable places to run commands in, on one backend.
 *
 * This comment is the specification; the ids in brackets name the cases of `@recac/engine-conformance` that check it.
 *
 * **Order of calls.** Construction does no I/O. `init` connects and checks; every other call does so by itself when
 * `init` was not called. Any call may be made at any time and any number at once, on one environment or many
 * [concurrency/*]. After `close` every call rejects; commands and environments go on.
 *
 * **Environments.** `startEnvironment` resolves when a command can run [lifecycle/start-then-exec]. When it rejects, nothing
 * it made remains [lifecycle/failed-start-leaves-nothing]. A second start of a living session id is `RECAC_ENVIRONMENT_CONFLICT`
 * [lifecycle/same-session-conflicts]; after a stop the id is free again [lifecycle/restart-same-session].
 * `stopEnvironment` ends every process and removes everything we made, and only that; it is idempotent and resolves for ids that
 * do not exist [lifecycle/stop-twice, lifecycle/stop-unknown]. State lives in the backend, never in the client: another engine object, process or
 * machine sees the same environments [reattach/other-engine-lists].
 *
 * **Commands.** argv, environment and stdin arrive byte for byte [exec/argv-*, exec/env-*, stdin/*]; stdout and stderr come
 * back apart, complete, in order and byte for byte, or the result says `truncated` and counts [streams/*]. Every command ends in exactly one `ExecOutcome`; a non-zero exit is a
 * result [exec/exit-code]. Success is reported only from the command's own exit record: nothing a command prints or
 * writes can pass for a result [streams/forged-frames]. A command runs at most once.
 * A background child that keeps stdout open does not delay the result [streams/background-child].
 *
 * **Ending commands.** Cancel and time limits send SIGTERM to the process group, wait the grace, send SIGKILL, and
 * sweep what left the group [signals/*, cancellation/*].
 *
 * **Errors.** Every rejection is a `RecacError`. A bad argument is refused before anything starts, naming the field [errors/*]. A capability declared
 * false raises `RECAC_CAPABILITY_UNSUPPORTED` [capabilities/*].
 */
export interface ContainerEngine extends AsyncDisposable {
  /** The backend's name. */
  readonly backend: string;
  /** What this engine can do. Known without I/O, constant for its life. */
  readonly capabilities: EngineCapabilities;

  /**
   * Connects and checks reachability, rights and versions. Errors: `RECAC_ENGINE_UNAVAILABLE`, `RECAC_PERMISSION_DENIED`. Rights that only a start needs are told in
   * `cannotStart`, and refused by the start. Idempotent.
   */
  init(options?: CallOptions): Promise<EngineInfo>;

  /**
   * Makes the image present, or verifies that it is. Errors: `RECAC_IMAGE_NOT_FOUND`, `RECAC_IMAGE_PULL_FAILED`,
   * `RECAC_CAPABILITY_UNSUPPORTED`.
   */
  ensureImage(reference: string, options?: EnsureImageOptions): Promise<ImageInfo>;

  /** The images that are present, newest first. Needs `capabilities.images`. */
  listImages(options?: CallOptions): Promise<readonly ImageSummary[]>;

  /** Builds an image and gives its id or digest. Errors: `RECAC_IMAGE_BUILD_FAILED`, `RECAC_CAPABILITY_UNSUPPORTED`. */
  buildImage(options: BuildOptions): Promise<string>;

  /**
   * Creates an environment and resolves when a command can run in it. Errors: `RECAC_INVALID_ARGUMENT`, `RECAC_ENVIRONMENT_CONFLICT`,
   * `RECAC_ENVIRONMENT_START_FAILED`, `RECAC_ENVIRONMENT_START_TIMEOUT`, `RECAC_CAPABILITY_UNSUPPORTED`.
   */
  startEnvironment(spec: EnvironmentSpec, options?: StartOptions): Promise<Environment>;

  /**
   * The objects that `startEnvironment` would create, in their order, as the backend's API takes them; contacts nothing and creates nothing. What only the
   * backend can know, such as the identity of an owner, is left out, and `onWarning` is told of it. Needs `capabilities.renderEnvironment`. Errors: as `startEnvironment` for a bad specification [capabilities/renders].
   */
  renderEnvironment(spec: EnvironmentSpec, options?: Omit<StartOptions, 'onEvent'>): Promise<readonly unknown[]>;

  /** Ends everything in the environment and deletes all we made for it. Idempotent; unknown ids resolve. */
  stopEnvironment(id: string, options?: CallOptions): Promise<void>;

  /**
   * Runs a command to its end and collects its output. Errors: `RECAC_INVALID_ARGUMENT`, `RECAC_ENVIRONMENT_NOT_FOUND`,
   * `RECAC_ABORTED` (before it started), `RECAC_EXEC_FAILED` (it never started).
   */
  exec(id: string, command: Command, options?: ExecOptions): Promise<ExecResult>;

  /** `exec` as another user: name, uid or uid:gid, with HOME and USER set to match. Needs `capabilities.execAsUser`, and what that says. */
  execAsUser(id: string, user: string, command: Command, options?: ExecOptions): Promise<ExecResult>;

  /** Starts a command and gives a handle once it runs. Errors as `exec`. Disposing the handle cancels what still runs, unless detached. */
  spawn(id: string, command: Command, options?: SpawnOptions): Promise<ExecHandle>;

  /** A handle on a command that any process started, running or ended. Errors: `RECAC_EXEC_NOT_FOUND`. Disposing it leaves the command alone. */
  attachExec(id: string, execId: string, options?: AttachOptions): Promise<ExecHandle>;

  /**
   * The commands that have a record: running ones, and ended ones whose result nobody has collected with `exec`. Oldest first. Those of other users are among them, but for users that
   * nobody can become or as whom no shell runs, and for more than 100 that this engine has run nothing as.
   */
  listExecs(id: string, options?: CallOptions): Promise<readonly ExecInfo[]>;

  /**
   * Connects to a TCP port on the loopback address of the environment, also where it has no network. Needs `capabilities.openPort`. Errors:
   * `RECAC_ENVIRONMENT_NOT_FOUND`, `RECAC_INVALID_ARGUMENT`, `RECAC_EXEC_FAILED` when nothing listens there [ports/*].
   */
  openPort(id: string, port: number, options?: CallOptions): Promise<PortConnection>;

  /** All environments of ours, from the backend's own labels. Oldest first. */
  listEnvironments(filter?: EnvironmentFilter): Promise<readonly EnvironmentStatus[]>;

  /** One environment. Errors: `RECAC_ENVIRONMENT_NOT_FOUND`. */
  inspectEnvironment(id: string, options?: CallOptions): Promise<EnvironmentStatus>;

  /**
   * Workspaces of ours whose environment ended otherwise than by `stopEnvironment` [lifecycle/kept-workspace], oldest first. Those of environments that live are not among them.
   * Needs `capabilities.keptWorkspaces`.
   */
  listKeptWorkspaces(options?: CallOptions): Promise<readonly KeptWorkspace[]>;

  /** Deletes a kept workspace with all that is in it. Idempotent. Errors: `RECAC_ENVIRONMENT_CONFLICT` while an environment has it. Needs `capabilities.keptWorkspaces`. */
  removeKeptWorkspace(id: string, options?: CallOptions): Promise<void>;

  /** What exists, then every change, until the signal aborts or the consumer stops. */
  watchEnvironments(filter?: EnvironmentFilter): AsyncIterable<EnvironmentEvent>;

  /**
   * Ends the calls under way, and closes lanes and connections. Commands and environments go on; those without a record have lost their line. Idempotent: a second call waits for
   * the first. Every later call rejects [errors/after-close].
   */
  close(): Promise<void>;
}
