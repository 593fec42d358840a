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
      /** What the claim is made with when there is none of that name; it stays until somebody else deletes it. Default: a claim that is missing is refused. */
      readonly storage?: WorkspaceStorage;
      /** What fills it first. Default: nothing. */
      readonly seed?: WorkspaceSeed;
    }
  | {
      /** An empty directory that dies with the environment. */
      readonly type: 'scratch';
      /** Largest size in bytes. Default: the engine's. */
      readonly sizeLimitBytes?: number;
      /** A volume of its own, made and removed with the environment. Default: a directory on the disk of its machine. */
      readonly storage?: WorkspaceStorage;
      /** What fills it first. Default: nothing. */
      readonly seed?: WorkspaceSeed;
      /**
       * The directory stays, as a kept workspace, when the environment ends by itself or by others: its lease, a signal, a crash, a removal by force. Only
       * `stopEnvironment` takes it away. Needs `capabilities.keptWorkspaces`. Default: false.
       */
      readonly outlives?: boolean;
    }
  | {
      /** A kept workspace, which stays kept whatever becomes of the environment: only `removeKeptWorkspace` takes it away. Needs `capabilities.keptWorkspaces`. */
      readonly type: 'kept';
      /** Its id, from `listKeptWorkspaces`. */
      readonly id: string;
    };

/** A volume that the cluster makes. Needs `capabilities.persistentVolumeClaimMount`. */
export interface WorkspaceStorage {
  /** Its size, in Kubernetes' spelling, such as `20Gi`. */
  readonly size: string;
  /** Its StorageClass. Default: the cluster's. */
  readonly storageClass?: string;
}

/** The workspace of an environment that ended otherwise than by `stopEnvironment`. */
export interface KeptWorkspace {
  /** Address for `WorkspaceMount` and `removeKeptWorkspace`. Opaque. */
  readonly id: string;
  /** The session id of the environment. */
  readonly sessionId: string;
  /** When it was made. */
  readonly createdAt: Date;
  /** Image of the environment, where the engine has images. */
  readonly image?: string;
  /** User that the environment's commands ran as, where one was asked for. */
  readonly user?: string;
}

/**
 * A command that fills the workspace before the environment's main process starts, in a container of its own: it alone sees the files of a Secret. Needs
 * `capabilities.persistentVolumeClaimMount`, since Secrets are things of a cluster as claims are.
 */
export interface WorkspaceSeed {
  /** The command; the start fails when it does not exit with 0. */
  readonly command: readonly string[];
  /** The Secret, in the environment's namespace. */
  readonly secretName: string;
  /** Absolute path of the directory in which it sees a file for each key. */
  readonly secretPath: string;
}

/** What went from one side to the other. Paths are relative to the workspace. */
export interface TransferReport {
  /** Files and links that were written on the receiving side. */
  readonly changed: number;
  /** Files, links and directories that were removed there, because they are gone on the other side. */
  readonly removed: number;
  /** Bytes of content that were sent. */
  readonly bytes: number;
  /** Paths that both sides changed: the receiving side kept its own. */
  readonly conflicts: readonly string[];
  /** Paths that cannot be carried, such as devices and sockets, or not with their content, such as submodules. */
  readonly skipped: readonly string[];
}

/** What happened to the files of a session when it was harvested. */
export interface HarvestReport {
  /** One line for people: where the work is now. */
  readonly summary: string;
  /** Files that changed, where the strategy knows. */
  readonly changedFiles?: number;
  /** Lines added and removed, where the strategy knows. */
  readonly lines?: { readonly added: number; readonly removed: number };
  /** Commits that the session made, where the strategy knows. */
  readonly commits?: number;
  /** Branch of the session's commits, where there is one. */
  readonly branch?: string;
  /** Paths that both sides changed, and where the session's version lies: never over the host's own. */
  readonly conflicts?: readonly string[];
  /** The command to go on with, such as `recac apply brave-otter`. Default: nothing is left to do. */
  readonly nextCommand?: string;
}

/** Options of `WorkspaceStrategy.push`. */
export interface PushOptions {
  /** Cancels. */
  readonly signal?: AbortSignal;
  /**
   * Paths of this machine, relative to the workspace, that may have changed since the last push, of directories with all that is below; the caller watched, and knows
   * that nothing else did. A strategy may look at more. Default: everything is looked at.
   */
  readonly changedPaths?: readonly string[];
}

/**
 * How files get in and work comes back. Calls come in this order: `prepare` once before the
 * environment starts, then any number of `push`, `pull` and `harvest`, then `dispose` once, also after a failure.
 */
export interface WorkspaceStrategy {
  /** The strategy's name, as in `--sync`; `push` may change it, when the environment lacks what the chosen one needs. */
  readonly name: WorkspaceStrategyName;
  /** Checks the workspace and gives the mount to start the environment with. Errors: `RECAC_WORKSPACE_UNAVAILABLE`. */
  prepare(options?: { readonly signal?: AbortSignal }): Promise<WorkspaceMount>;
  /** Brings what changed on the host into the environment. What changed there as well is left alone and named. */
  push(environment: Environment, options?: PushOptions): Promise<TransferReport>;
  /** Brings what changed in the environment to the host. What changed there as well is left alone and named. */
  pull(environment: Environment, options?: { readonly signal?: AbortSignal }): Promise<TransferReport>;
  /** Saves the work before the environment goes; called on stop and on failure. */
  harvest(environment: Environment, options?: { readonly signal?: AbortSignal }): Promise<HarvestReport>;
  /** Gives back what `prepare` took. Idempotent. */
  dispose(): Promise<void>;
}
