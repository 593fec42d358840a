import { join } from 'node:path';
import { provisionerName, type StorageClass } from './storage-class.ts';

/** How a volume may be mounted. */
export type AccessMode = 'ReadWriteOnce' | 'ReadWriteMany' | 'ReadWriteOncePod' | 'ReadOnlyMany';

/** A PersistentVolumeClaim, as far as the provisioner looks at it. */
export interface Claim {
  /** Its names. */
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** What is asked for. */
  readonly spec: {
    readonly accessModes: readonly AccessMode[];
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly selector?: object;
    readonly resources: { readonly requests: { readonly storage: string } };
  };
}

/** A PersistentVolume, as far as the provisioner looks at it. */
export interface PersistentVolume {
  /** Its names. */
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** What it is. */
  readonly spec: { readonly persistentVolumeReclaimPolicy?: string; readonly hostPath?: { readonly path: string } };
  /** Its state. */
  readonly status?: { readonly phase?: string };
}

const provisionedBy = 'pv.kubernetes.io/provisioned-by';
const selectedNode = 'volume.kubernetes.io/selected-node';

/** The directory of a volume, in that of its cluster. */
export function volumeDirectory(clusterDirectory: string, volume: string): string {
  return join(clusterDirectory, 'volumes', volume);
}

/** Name of the volume of a claim. */
export function volumeName({ metadata }: Claim): string {
  return `pvc-${metadata.uid}`;
}

/** Whether a claim waits for a volume of this class now: with `WaitForFirstConsumer`, once a pod of it has a node. */
export function wantsVolume({ metadata, spec }: Claim, storageClass: StorageClass): boolean {
  const { volumeBindingMode, provisioner } = storageClass;
  if (provisioner !== provisionerName || spec.storageClassName !== storageClass.metadata.name) return false;
  if (spec.volumeName || metadata.deletionTimestamp || spec.volumeMode === 'Block' || spec.selector) return false;
  return volumeBindingMode !== 'WaitForFirstConsumer' || metadata.annotations?.[selectedNode] !== undefined;
}

/**
 * The volume of a claim. One that may be mounted on one node belongs to the node of its first pod, as volumes of local disks do; others are everywhere, since
 * all nodes of a test cluster share a machine.
 */
export function toVolume(claim: Claim, storageClass: StorageClass, clusterDirectory: string): object {
  const { name, namespace, uid, annotations } = claim.metadata;
  const { accessModes, resources } = claim.spec;
  const node = accessModes.includes('ReadWriteMany') ? undefined : annotations?.[selectedNode];
  const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName(claim), annotations: { [provisionedBy]: provisionerName } },
    spec: {
      accessModes,
      capacity: { storage: resources.requests.storage },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      hostPath: { path: volumeDirectory(clusterDirectory, volumeName(claim)), type: 'Directory' },
      ...(node === undefined
        ? {}
        : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } }),
    },
  };
}

/** Whether a volume of ours has lost its claim and must go. */
export function isUnclaimed({ metadata, spec, status }: PersistentVolume): boolean {
  return (
    metadata.annotations?.[provisionedBy] === provisionerName &&
    spec.persistentVolumeReclaimPolicy === 'Delete' &&
    status?.phase === 'Released'
  );
}
