import type {
  CallOptions,
  Command,
  ContainerEngine,
  Environment,
  ExecHandle,
  ExecOptions,
  ExecResult,
  SpawnOptions,
  WorkspaceStrategyName,
} from '@recac/engine-core';

/**
 * One unit of work: an environment with its workspace, on an engine. Open it with `await using`: leaving the block stops it. Commands may run
 * one after the other or side by side.
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
  /**
   * Runs a command to its end. Time limits and grace default to those of the configuration. A non-zero exit is a result. Errors: those of
   * `ContainerEngine.exec`.
   */
  run(command: Command, options?: ExecOptions): Promise<ExecResult>;
  /** Starts a command and gives a handle, with the same defaults. The handle is the caller's. */
  spawn(command: Command, options?: SpawnOptions): Promise<ExecHandle>;
  /**
   * Brings the work back and removes the environment. Idempotent: later calls give the promise of the first. Every step is tried; the first
   * error is thrown, later ones are in its `details.cleanup`.
   */
  stop(options?: CallOptions): Promise<void>;
}
