/** Who makes the volumes of a StorageClass, here. */
export const provisionerName = 'recac.test/host-path';

/** Path of StorageClasses. */
export const storageClassPath = '/apis/storage.k8s.io/v1/storageclasses';

/** A StorageClass, as far as the provisioner looks at it. */
export interface StorageClass {
  /** Its names. */
  readonly metadata: { readonly name: string; readonly uid: string };
  /** Who makes its volumes. */
  readonly provisioner: string;
  /** What becomes of a volume whose claim is deleted. */
  readonly reclaimPolicy?: 'Delete' | 'Retain';
  /** Whether a volume waits for the first pod. */
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
}

/** The class of claims that name none, like that of most clusters: the volume is made for the node of the first pod and goes with the claim. */
export const defaultStorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'recac-test', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: provisionerName,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
} as const;
