import type { Environment } from './environment.ts';

/** How the workspace of a session gets into its environment and back. `auto` picks one and says which and why. */
export type WorkspaceStrategyName = 'auto' | 'bind' | 'host-path' | 'pvc' | 'git' | 'upload' | 'none';

/** The neutral description of the workspace directory that a strategy hands to an engine. */
export type WorkspaceMount =
  | {
      readonly type: 'bind';
      /** Absolute path of an existing directory on the machine that the engine runs containers on. */
      readonly hostPath: string;
      /** Default: false. */
      readonly readOnly?: boolean;
    }
  | {
      readonly type: 'persistentVolumeClaim';
      /** Name of the claim, in the environment's namespace. */
      readonly claimName: string;
      /** Directory inside the volume that becomes the workspace; created when missing. Default: the volume's root. */
      readonly subPath?: string;
    }
  | {
      /** An empty directory that dies with the environment. */
      readonly type: 'scratch';
      /** Largest size in bytes. Default: the engine's. */
      readonly sizeLimitBytes?: number;
    };

/** What happened to the files of a session when it was harvested. */
export interface HarvestReport {
  /** One line for people: where the work is now. */
  readonly summary: string;
  /** Files that changed, where the strategy knows. */
  readonly changedFiles?: number;
}

/**
 * How files get in and work comes back. Calls come in this order: `prepare` once before the
 * environment starts, then any number of `push`, `pull` and `harvest`, then `dispose` once, also after a failure.
 */
export interface WorkspaceStrategy {
  /** The strategy's name, as in `--sync`. */
  readonly name: WorkspaceStrategyName;
  /** Checks the workspace and gives the mount to start the environment with. Errors: `RECAC_WORKSPACE_UNAVAILABLE`. */
  prepare(options?: { readonly signal?: AbortSignal }): Promise<WorkspaceMount>;
  /** Brings the host's files into the environment. */
  push(environment: Environment, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Brings the environment's files to the host. */
  pull(environment: Environment, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Saves the work before the environment goes; called on stop and on failure. */
  harvest(environment: Environment, options?: { readonly signal?: AbortSignal }): Promise<HarvestReport>;
  /** Gives back what `prepare` took. Idempotent. */
  dispose(): Promise<void>;
}
