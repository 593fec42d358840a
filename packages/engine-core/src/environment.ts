import type { WorkspaceMount } from './workspace.ts';

/** CPU and memory, in Kubernetes' spelling: `500m`, `2`, `1Gi`. */
export interface ResourceAmounts {
  /** CPU quantity. Default: none. */
  readonly cpu?: string;
  /** Memory quantity. Default: none. */
  readonly memory?: string;
}

/** What an environment asks for and may use. */
export interface ResourceRequirements {
  /** What the scheduler sets aside. */
  readonly requests?: ResourceAmounts;
  /** What the environment may not exceed; each more than 0, and at least its request [errors/resources]. */
  readonly limits?: ResourceAmounts;
}

/** How much of the network a command may reach. */
export type NetworkPreset = 'none' | 'internet' | 'open';

/** When an image is pulled: never, when it is missing, or before every start. */
export type PullPolicy = 'if-missing' | 'always' | 'never';

/** What to start. Only `sessionId` is required. */
export interface EnvironmentSpec {
  /** The caller's name for its unit of work, 1 to 200 printable characters; names the environment (`toEnvironmentName`). */
  readonly sessionId: string;
  /** Image reference. Required where `capabilities.images`, forbidden elsewhere. */
  readonly image?: string;
  /** When to pull the image. Default: `if-missing`. */
  readonly pullPolicy?: PullPolicy;
  /** Platform of the image, such as `linux/arm64`. Default: the backend's own. */
  readonly platform?: string;
  /** What the workspace directory is. Default: `{ type: 'scratch' }`. */
  readonly workspace?: WorkspaceMount;
  /** Variables of every command in the environment. Default: none beyond what the image and engine give. */
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** User of every command: name, uid, or uid:gid. Default: the engine's non-root user, or the caller's on local. */
  readonly user?: string;
  /** Labels of the caller's, shown by list and inspect; keys under `recac.dev/` are reserved. */
  readonly labels?: Readonly<Record<string, string>>;
  /** CPU and memory. Default: the engine's. */
  readonly resources?: ResourceRequirements;
  /** Network preset. Default: the engine's. */
  readonly network?: NetworkPreset;
  /** Longest wait until the environment is ready, in milliseconds. Default: 300 000. */
  readonly pendingTimeoutMs?: number;
  /**
   * The environment removes itself when no client has shown life for this long, in milliseconds, at least 1 000.
   * Every open engine that has started the environment, or has run a command, attached to one or opened a port in it, renews the lease
   * [lifecycle/lease-renewed, lifecycle/lease-renewed-by-exec]. A client that may open ports but run no commands renews nothing. Default: no lease.
   */
  readonly leaseMs?: number;
}

/** Where an environment stands, in Kubernetes' words. */
export type EnvironmentPhase = 'Pending' | 'Running' | 'Failed' | 'Terminating' | 'Unknown';

/** A started environment. */
export interface Environment {
  /** Address for every other call. Opaque; unique within the engine's daemon, cluster or machine. */
  readonly id: string;
  /** The session id the environment was started with. */
  readonly sessionId: string;
  /** `recac-agent-<session-id>`, made DNS-safe; see `toEnvironmentName`. */
  readonly name: string;
  /** The engine's backend name: `local`, `docker`, `kubernetes`. */
  readonly backend: string;
  /** Absolute path of the workspace as commands in the environment see it; the default working directory. */
  readonly workspacePath: string;
  /** When it was created, by the clock of the daemon or cluster. */
  readonly createdAt: Date;
  /** Id that its workspace is kept under when it ends otherwise than by a stop; see `KeptWorkspace`. Default: a scratch workspace goes with it. */
  readonly keptWorkspaceId?: string;
}

/** An environment and how it is, rebuilt from the backend on every call. */
export interface EnvironmentStatus extends Environment {
  /** Where it stands. */
  readonly phase: EnvironmentPhase;
  /** Short machine-readable cause of the phase, such as `OOMKilled`. Default: none. */
  readonly reason?: string;
  /** The cause in a sentence. Default: none. */
  readonly message?: string;
  /** Labels given by the caller. */
  readonly labels: Readonly<Record<string, string>>;
  /** Image reference, where the engine has images. */
  readonly image?: string;
  /** Lease length in milliseconds, when the environment has one. */
  readonly leaseMs?: number;
}

/** One change seen by `watchEnvironments`, in the words of a Kubernetes watch. */
export interface EnvironmentEvent {
  /** `ADDED` also for what existed when the watch began. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The environment after the change; for `DELETED`, as last seen. */
  readonly environment: EnvironmentStatus;
}

/** The steps of a start, in order. An engine leaves out what it does not have. */
export type StartPhase = 'admit' | 'schedule' | 'pull' | 'start' | 'ready';

/** Progress of one step of a start. */
export interface StartEvent {
  /** Which step. */
  readonly phase: StartPhase;
  /** `waiting` repeats while a step lasts and something about it changed. */
  readonly state: 'started' | 'waiting' | 'finished';
  /** Milliseconds since the step started. */
  readonly elapsedMs: number;
  /** Longest that the step may take in milliseconds: what was left of the pending limit when it began. Absent where a step has no limit. */
  readonly limitMs?: number;
  /** What it waits for, in a sentence. Default: none. */
  readonly message?: string;
}
