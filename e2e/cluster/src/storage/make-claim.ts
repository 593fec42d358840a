import { callApi, readConnection } from '../cluster-connection.ts';
import type { AccessMode } from './persistent-volume.ts';

/** Which claim to make. */
export interface ClaimOptions {
  /** Kubeconfig of a cluster of ours. */
  readonly kubeconfig: string;
  /** Its namespace. */
  readonly namespace: string;
  /** Its name. */
  readonly claimName: string;
  /** How its volume may be mounted. Default: `ReadWriteOnce`. */
  readonly accessMode?: AccessMode;
  /** Size of its volume. Default: `1Gi`. */
  readonly size?: string;
  /** Its class. Default: the default class of the cluster. */
  readonly storageClassName?: string;
}

/** Makes a PersistentVolumeClaim, whose volume the class makes when its first pod comes. It goes, with its volume, when it is disposed of. */
export async function makeClaim(options: ClaimOptions): Promise<AsyncDisposable> {
  const { kubeconfig, namespace, claimName, accessMode = 'ReadWriteOnce', size = '1Gi', storageClassName } = options;
  const connection = await readConnection(kubeconfig);
  const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  const resources = { requests: { storage: size } };
  const body = { metadata: { name: claimName }, spec: { accessModes: [accessMode], storageClassName, resources } };
  await callApi(connection, { method: 'POST', path: claims, body });
  return {
    [Symbol.asyncDispose]: async () => {
      await callApi(connection, { method: 'DELETE', path: `${claims}/${claimName}` }).catch(() => undefined);
    },
  };
}
