import type { ApiClient } from '../api/api-client.ts';

/** Where the Jobs of an engine are. */
export interface ClusterNamespace {
  /** Calls of the API server. */
  readonly client: ApiClient;
  /** Namespace of the Jobs. */
  readonly namespace: string;
}

/** Path of the Jobs of a namespace, or of one of them. */
export function jobPath(namespace: string, name?: string): string {
  return `/apis/batch/v1/namespaces/${namespace}/jobs${toPart(name)}`;
}

/** Path of the pods of a namespace, or of one of them. */
export function podPath(namespace: string, name?: string): string {
  return `/api/v1/namespaces/${namespace}/pods${toPart(name)}`;
}

/** Path of the PersistentVolumeClaims of a namespace, or of one of them. */
export function claimPath(namespace: string, name?: string): string {
  return `/api/v1/namespaces/${namespace}/persistentvolumeclaims${toPart(name)}`;
}

/** Path of the events of a namespace. */
export function eventPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/events`;
}

/** Path of the NetworkPolicies of a namespace, or of one of them. */
export function networkPolicyPath(namespace: string, name?: string): string {
  return `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies${toPart(name)}`;
}

/** Label that the API server puts on the pods of a Job; the value is the Job's uid. Kubernetes before 1.27 knows no other, and newer ones demand it beside `batch.kubernetes.io/controller-uid`. */
export const controllerLabel = 'controller-uid';

function toPart(name: string | undefined): string {
  return name === undefined ? '' : `/${encodeURIComponent(name)}`;
}
