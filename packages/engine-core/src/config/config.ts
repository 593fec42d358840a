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
  /** Without a claim: size of a volume that each session's workspace gets. Default: a directory on the disk of the node. */
  readonly pvcSize?: string;
  /** StorageClass of these volumes. Default: the cluster's. */
  readonly pvcStorageClass?: string;
  /** Secret with the credential of `workspace.remote`. Default: none. */
  readonly gitSecret?: string;
  /** What each environment asks for and may use. Default: nothing asked, no limit but the cluster's. */
  readonly resources: ResourceRequirements;
  /** ServiceAccount of the pods; its token is never mounted. Default: the namespace's `default`. */
  readonly serviceAccount?: string;
  /** RuntimeClass of the pods. Default: the cluster's. */
  readonly runtimeClass?: string;
  /** Labels that a node must have. Default: none. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints of nodes that are tolerated. Default: none. */
  readonly tolerations?: readonly TolerationConfig[];
  /** PriorityClass of the pods. Default: the cluster's. */
  readonly priorityClass?: string;
  /** Secrets with registry credentials. Default: those of the ServiceAccount. */
  readonly imagePullSecrets?: readonly string[];
  /** What happens to a container that fails. Default: `Never`. */
  readonly restartPolicy?: 'Never' | 'OnFailure';
  /** Labels of Jobs and pods. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of Jobs and pods. Default: none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Merged into the template of the pod. Default: none. */
  readonly podTemplate?: Readonly<Record<string, unknown>>;
}

/** A toleration of a taint, as in a pod. */
export interface TolerationConfig {
  /** Key of the taint. Default: all keys, with operator `Exists`. */
  readonly key?: string;
  /** Default: `Equal`. */
  readonly operator?: 'Exists' | 'Equal';
  /** Value of the taint. */
  readonly value?: string;
  /** Default: all effects. */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** How long a `NoExecute` taint is tolerated, in seconds. Default: for ever. */
  readonly tolerationSeconds?: number;
}

/** Section `docker`. */
export interface DockerConfig {
  /** Address of the daemon, such as `unix:///var/run/docker.sock`. Default: as the docker command finds it. */
  readonly host?: string;
  /** Docker context. Default: as the docker command finds it. */
  readonly context?: string;
  /** What is taken from containers: `docker-default` is weaker. Default: `full`. */
  readonly hardening: 'full' | 'docker-default';
  /** How the networks of environments are made. Default: as the engine does. */
  readonly network?: {
    /** Name servers, by IPv4 address. Default: those of the daemon's machine. */
    readonly dnsServers?: readonly string[];
    /** IPv4 addresses of the daemon's machine, beside those that can be found out. Default: none. */
    readonly hostAddresses?: readonly string[];
  };
}

/** Section `local`. */
export interface LocalConfig {
  /** What separates a command from this machine; `bwrap` is not in this version, and refused by the engine. Default: `none`. */
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
  /** Paths that are carried although they are ignored, relative to the directory. Default: none. */
  readonly include?: readonly string[];
  /** Patterns that are left out besides those of the ignore files. Default: none. */
  readonly exclude?: readonly string[];
  /** History that an environment gets with `git`; a number is that of commits. Default: `none`. */
  readonly history?: 'none' | 'full' | number;
  /** With `git`: what the environment clones by itself. Default: the working tree goes in. */
  readonly remote?: string;
  /** Branch of the remote. Default: the one that is checked out here. */
  readonly branch?: string;
  /** Most bytes that are uploaded. Default: 1 GiB. */
  readonly uploadLimitBytes?: number;
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
  /** An environment removes itself when no client showed life for this long, in milliseconds. Default: 900 000, but none for `recac start`; absent when written as `none`. */
  readonly leaseMs?: number;
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default: 5 000. */
  readonly killGraceMs: number;
  /** The work is brought back this often while a session goes on, in milliseconds; 0: only at its end. Default: 300 000 for `git` where the files end with the environment, else 0. */
  readonly checkpointMs?: number;
  /** User of every command: name, uid or uid:gid. Default: the engine's. */
  readonly user?: string;
  /** Variables of every command. Default: none. */
  readonly env: Readonly<Record<string, string>>;
  /** How much of the network a command may reach. Default: the engine's. */
  readonly network?: NetworkPreset;
  /** What an environment asks for and may use. Default: the engine's. */
  readonly resources?: ResourceRequirements;
}
