import { parseQuantity, validateObjectName, type WorkspaceStorage } from '@recac/engine-core';

/** What a claim asks for. */
export interface ClaimSpec {
  /** How its volume is mounted. */
  readonly accessModes: readonly ['ReadWriteOnce'];
  /** How much of it. */
  readonly resources: { readonly requests: { readonly storage: string } };
  /** StorageClass. Default: the cluster's. */
  readonly storageClassName?: string;
}

/** A PersistentVolumeClaim to create. */
export interface NewClaim {
  /** API version. */
  readonly apiVersion: 'v1';
  /** Kind. */
  readonly kind: 'PersistentVolumeClaim';
  /** Name and place; and a label that says who made it, by which nothing is ever deleted. */
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  /** What it asks for. */
  readonly spec: ClaimSpec;
}

/** What the claim of a storage asks for. Errors: `RECAC_INVALID_ARGUMENT`, field `workspace.storage.…`. */
export function toClaimSpec({ size, storageClass }: WorkspaceStorage): ClaimSpec {
  parseQuantity(size, 'workspace.storage.size');
  if (storageClass !== undefined) validateObjectName(storageClass, 'workspace.storage.storageClass');
  return {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
    ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
  };
}

/** The claim of a workspace that is to stay when the environments that use it are gone. Errors: as {@link toClaimSpec}. */
export function toNewClaim(name: string, storage: WorkspaceStorage, namespace: string): NewClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'recac' } },
    spec: toClaimSpec(storage),
  };
}
