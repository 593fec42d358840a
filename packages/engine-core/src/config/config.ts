import type { NetworkPreset, PullPolicy, ResourceRequirements } from '../environment.ts';
import type { WorkspaceStrategyName } from '../workspace.ts';

/** The complete configuration: checked, with defaults filled in, durations in milliseconds. `parseConfig` makes it from what is written. */
export interface Config {
  /** What runs the environments. */
  readonly runner: RunnerConfig;
  /** Settings of the Kubernetes engine. */
  readonly kubernetes: KubernetesConfig;
  /** Settings of the Docker engine. */
  readonly docker: DockerConfig;
  /** Settings of the local engine. */
  readonly local: LocalConfig;
  /** How files get into an environment and back. */
  readonly workspace: WorkspaceConfig;
  /** Defaults of every session. */
  readonly session: SessionConfig;
}

/** Section `runner`. */
export interface RunnerConfig {
  /** `local`, `docker`, `kubernetes`, or the name of a package with an engine. Default: `docker`, when a daemon answers. */
  readonly backend?: string;
}

/** Section `kubernetes`. */
export interface KubernetesConfig {
  /** Path of the kubeconfig file. Default: Kubernetes' usual resolution. */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig. Default: its current one. */
  readonly context?: string;
  /** Namespace of the Jobs. Default: `default`. */
  readonly namespace: string;
  /** PersistentVolumeClaim that holds the workspaces. Default: none. */
  readonly pvcName?: string;
  /** What each environment asks for and may use. Default: nothing asked, no limit but the cluster's. */
  readonly resources: ResourceRequirements;
  /** ServiceAccount of the pods; its token is never mounted. Default: the namespace's `default`. */
  readonly serviceAccount?: string;
}

/** Section `docker`. */
export interface DockerConfig {
  /** Address of the daemon, such as `unix:///var/run/docker.sock`. Default: as the docker command finds it. */
  readonly host?: string;
  /** Docker context. Default: as the docker command finds it. */
  readonly context?: string;
  /** What is taken from containers: `docker-default` is weaker. Default: `full`. */
  readonly hardening: 'full' | 'docker-default';
}

/** Section `local`. */
export interface LocalConfig {
  /** What separates a command from this machine. Default: `none`. */
  readonly isolation: 'none' | 'bwrap';
  /** Directory for the state of environments. Default: the engine's, private to the user. */
  readonly stateDirectory?: string;
}

/** Section `workspace`. */
export interface WorkspaceConfig {
  /** The strategy. Default: `auto`. */
  readonly strategy: WorkspaceStrategyName;
  /** Directory of the project. Default: the working directory. */
  readonly path?: string;
}

/** Section `session`. */
export interface SessionConfig {
  /** Image of the environment. Default: none; engines with images need one. */
  readonly image?: string;
  /** When the image is pulled. Default: `if-missing`. */
  readonly pull?: PullPolicy;
  /** Platform of the image, such as `linux/arm64`. Default: the engine's own. */
  readonly platform?: string;
  /** Longest time of a command, in milliseconds. Default: no limit. */
  readonly timeoutMs?: number;
  /** Longest silence of a command, in milliseconds. Default: no limit. */
  readonly idleTimeoutMs?: number;
  /** Longest wait until an environment is ready, in milliseconds. Default: 300 000. */
  readonly pendingTimeoutMs: number;
  /** An environment removes itself when no client showed life for this long, in milliseconds. Default: 900 000; absent when written as `none`. */
  readonly leaseMs?: number;
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default: 5 000. */
  readonly killGraceMs: number;
  /** User of every command: name, uid or uid:gid. Default: the engine's. */
  readonly user?: string;
  /** Variables of every command. Default: none. */
  readonly env: Readonly<Record<string, string>>;
  /** How much of the network a command may reach. Default: the engine's. */
  readonly network?: NetworkPreset;
  /** What an environment asks for and may use. Default: the engine's. */
  readonly resources?: ResourceRequirements;
}
