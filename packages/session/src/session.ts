import type {
  CallOptions,
  Command,
  ContainerEngine,
  Environment,
  ExecHandle,
  ExecOptions,
  ExecResult,
  SpawnOptions,
  TransferReport,
  WorkspaceStrategyName,
} from '@recac/engine-core';

/** Options of stopping a session. */
export interface StopSessionOptions extends CallOptions {
  /** Removes the environment also when its work cannot be brought back, which loses it. Default: false. */
  readonly discard?: boolean;
  /** Time between SIGTERM and SIGKILL for commands that still run, in milliseconds. Default: that of the configuration, else 5 000. */
  readonly killGraceMs?: number;
}

/**
 * One unit of work: an environment with its workspace, on an engine. Open it with `await using`: leaving the block stops it, and closes the engine also when the work
 * could not be brought back. Commands may run one after the other or side by side.
 */
export interface Session extends AsyncDisposable {
  /** The name, also for `recac exec`, `attach` and `stop`. */
  readonly name: string;
  /** The engine it runs on, for everything that a session has no method for. */
  readonly engine: ContainerEngine;
  /** The environment it runs in. */
  readonly environment: Environment;
  /** The workspace strategy chosen, never `auto`. */
  readonly strategy: WorkspaceStrategyName;
  /** Whether the workspace is still there when the environment ended otherwise than by a stop; where not, what was last brought back is what is left. */
  readonly isKept: boolean;
  /**
   * Runs a command to its end. Time limits and grace default to those of the configuration. A non-zero exit is a result. Errors: those of
   * `ContainerEngine.exec`.
   */
  run(command: Command, options?: ExecOptions): Promise<ExecResult>;
  /** Starts a command and gives a handle, with the same defaults. The handle is the caller's. */
  spawn(command: Command, options?: SpawnOptions): Promise<ExecHandle>;
  /** Brings what changed on this machine since into the environment. Errors: those of the workspace strategy. */
  push(options?: CallOptions): Promise<TransferReport>;
  /** Brings the work back while the session goes on. Errors: those of the workspace strategy. */
  pull(options?: CallOptions): Promise<TransferReport>;
  /**
   * Brings the work back, removes the environment and closes the engine. When the work cannot be brought back the session goes on as before, and the error, whose
   * `details.harvested` is false, says how to get at the files; `discard` removes it all the same. Idempotent: later calls give the promise of the first, but after such a
   * failure they try again; where the environment had ended, on the one that was started over its kept workspace. The first error is thrown, later ones are in its `details.cleanup`.
   */
  stop(options?: StopSessionOptions): Promise<void>;
}
