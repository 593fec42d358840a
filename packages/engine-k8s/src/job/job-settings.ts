import type { ResourceAmounts } from '@recac/engine-core';
import type { Toleration } from './pod-template.ts';
import type { PodUser } from './pod-user.ts';

/** CPU, memory and disk, in Kubernetes' spelling. */
export interface JobResourceAmounts extends ResourceAmounts {
  /** Disk of the node, as `ephemeral-storage`. Default: the engine's. */
  readonly ephemeralStorage?: string;
}

/** How much is taken from a container beyond what the runtime takes. */
export type PodHardening = 'full' | 'runtime-default';

/** What the engine's configuration says about Jobs; one environment's part is `EnvironmentSpec`. */
export interface JobSettings {
  /** Namespace of the Jobs. */
  readonly namespace: string;
  /** ServiceAccount of the pods; its token is not mounted. Default: the namespace's `default`. */
  readonly serviceAccount?: string;
  /** Requests and limits; those of a specification win one by one. Default: nothing asked, no limit but the cluster's; ephemeral storage at most 20Gi. */
  readonly resources?: { readonly requests?: JobResourceAmounts; readonly limits?: JobResourceAmounts };
  /** Network preset where a specification names none. Default: `none`. */
  readonly network?: 'none' | 'internet' | 'open';
  /** Names of Secrets with registry credentials. Default: those of the ServiceAccount. */
  readonly imagePullSecrets?: readonly string[];
  /** RuntimeClass, such as `gvisor`. Default: the cluster's. */
  readonly runtimeClass?: string;
  /** Labels that a node must have. Default: none. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints that are tolerated. Default: none. */
  readonly tolerations?: readonly Toleration[];
  /** PriorityClass. Default: the cluster's. */
  readonly priorityClass?: string;
  /** Labels of Jobs and pods below those of a specification. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of Jobs and pods. Default: none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Merged into the pod template, see `mergePodTemplate`. Default: none. */
  readonly podTemplate?: unknown;
  /** The pod template may ask for the token of the ServiceAccount; weaker. Default: false. */
  readonly allowServiceAccountToken?: boolean;
  /** What happens to a container that fails. `OnFailure` starts it again, which ends the environment all the same. Default: `Never`. */
  readonly restartPolicy?: 'Never' | 'OnFailure';
  /** What is taken from containers; `runtime-default` leaves capabilities, new privileges and a writable root, and is weaker. Default: `full`. */
  readonly hardening?: PodHardening;
  /** Give the pod a user namespace of its own (`hostUsers: false`), where the cluster can. Default: false. */
  readonly userNamespace?: boolean;
  /** Longest life of an environment in milliseconds, pending time included; ends it also when nothing inside can. Default: none. */
  readonly lifetimeMs?: number;
  /** How long a Job that ended by itself is kept, in seconds, for the cause to be read. Default: 300. */
  readonly keepEndedSeconds?: number;
}

/** What is particular to one attempt to start. */
export interface JobFacts {
  /** Tells this attempt from others of the same name, when the answer to the creation was lost. */
  readonly attempt: string;
  /** Who makes it: an id of the user and machine, not a secret. */
  readonly owner: string;
  /** When, by the client's clock. */
  readonly createdAt: Date;
  /** Version of recac. */
  readonly version: string;
  /** Owner of the directory of the node that is the workspace, where it is known: who commands run as when nobody says. */
  readonly workspaceOwner?: PodUser;
  /** The only node that the workspace's claim can be used on now. Default: the scheduler chooses. */
  readonly workspaceNode?: string;
}
