import type { ObjectMetadata } from '../api/object-metadata.ts';
import type { Condition, OwnerReference } from './job-object.ts';

/** Name of our container in every pod; sidecars of others have other names. */
export const agentContainerName = 'agent';

/** How a container is; exactly one field is there. */
export interface ContainerState {
  /** It does not run yet, or not now. */
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  /** It runs. */
  readonly running?: { readonly startedAt?: string };
  /** It ended. */
  readonly terminated?: {
    readonly exitCode: number;
    readonly signal?: number;
    readonly reason?: string;
    readonly message?: string;
  };
}

/** What the kubelet says of one container. */
export interface ContainerStatus {
  /** Name of the container. */
  readonly name: string;
  /** How it is. */
  readonly state?: ContainerState;
  /** How it was before it was started again. */
  readonly lastState?: ContainerState;
  /** How often it was started again. */
  readonly restartCount?: number;
  /** The runtime's id, such as `containerd://4f…`; a restart changes it. */
  readonly containerID?: string;
  /** Image as the runtime names it. */
  readonly image?: string;
  /** Digest of the image; empty until it is there. */
  readonly imageID?: string;
}

/** A Pod as the API server shows it; only what we read. */
export interface Pod {
  /** Name, identity, labels, annotations, owners. */
  readonly metadata: ObjectMetadata & { readonly ownerReferences?: readonly OwnerReference[] };
  /** What was asked for. */
  readonly spec?: {
    /** The node, once there is one. */
    readonly nodeName?: string;
    /** Containers; injected sidecars among them. */
    readonly containers?: readonly { readonly name: string; readonly image?: string }[];
  };
  /** How it is. */
  readonly status?: {
    /** Where it stands. */
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    /** Word for the whole pod, such as `Evicted`. */
    readonly reason?: string;
    /** The same in words. */
    readonly message?: string;
    /** `PodScheduled`, `Ready`, `DisruptionTarget` and others. */
    readonly conditions?: readonly Condition[];
    /** Containers. */
    readonly containerStatuses?: readonly ContainerStatus[];
    /** Containers that run before, native sidecars among them. */
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** True when all containers of a pod have ended, so that nothing runs in it any more. */
export function hasEnded(pod: { readonly status?: { readonly phase?: string } } | undefined): boolean {
  return pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed';
}

/** What the kubelet says of our container; undefined before it has looked. */
export function findAgent(pod: Pod | undefined): ContainerStatus | undefined {
  return pod?.status?.containerStatuses?.find(({ name }) => name === agentContainerName);
}
