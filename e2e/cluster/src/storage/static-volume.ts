import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { callApi, readConnection } from '../cluster-connection.ts';
import { makeVolumeDirectory } from './make-volume-directory.ts';
import { type AccessMode, volumeDirectory } from './persistent-volume.ts';

const bindLimitMs = 60_000;

/** Which volume to make. */
export interface StaticVolumeOptions {
  /** Kubeconfig of a cluster of ours. */
  readonly kubeconfig: string;
  /** Namespace of the claim. */
  readonly namespace: string;
  /** Name of the claim. */
  readonly claimName: string;
  /** How it may be mounted. */
  readonly accessMode: AccessMode;
  /** Its size, which nobody enforces. Default: `1Gi`. */
  readonly size?: string;
}

/** A volume that somebody has made by hand, and the claim of it. It goes when it is disposed of. */
export interface StaticVolume extends AsyncDisposable {
  /** Its directory on this machine, which every node sees. */
  readonly directory: string;
}

/** Makes a PersistentVolume and the claim that is bound to it, as an administrator does where no StorageClass makes any. */
export async function makeStaticVolume(options: StaticVolumeOptions): Promise<StaticVolume> {
  const { kubeconfig, namespace, claimName, accessMode, size = '1Gi' } = options;
  const clusterDirectory = dirname(kubeconfig);
  if (!(await stat(join(clusterDirectory, 'plan.json')).catch(() => undefined)))
    throw new Error(
      'static volumes need a cluster of e2e/cluster: a directory of this machine must be one of its nodes',
    );
  const connection = await readConnection(kubeconfig);
  const name = `${namespace}-${claimName}`;
  const directory = volumeDirectory(clusterDirectory, name);
  await makeVolumeDirectory(directory);
  const accessModes = [accessMode];
  const volumes = '/api/v1/persistentvolumes';
  const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  const volume = {
    metadata: { name },
    spec: {
      accessModes,
      capacity: { storage: size },
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace, name: claimName },
      hostPath: { path: directory, type: 'Directory' },
    },
  };
  const claim = {
    metadata: { name: claimName },
    spec: { accessModes, storageClassName: '', volumeName: name, resources: { requests: { storage: size } } },
  };
  const becomes = async (path: string, phase: string): Promise<void> => {
    const giveUpAt = performance.now() + bindLimitMs;
    const isThere = async (): Promise<boolean> =>
      (await callApi<{ status: { phase: string } }>(connection, { path })).status.phase === phase;
    while (!(await isThere())) {
      if (performance.now() > giveUpAt) throw new Error(`${path} did not become ${phase}`);
      await delay(50);
    }
  };
  await callApi(connection, { method: 'POST', path: volumes, body: volume });
  // A claim that is made before its volume is known is looked at again 15 s later.
  await becomes(`${volumes}/${name}`, 'Available');
  await callApi(connection, { method: 'POST', path: claims, body: claim });
  await becomes(`${claims}/${claimName}`, 'Bound');
  const remove = (path: string): Promise<unknown> =>
    callApi(connection, { method: 'DELETE', path }).catch(() => undefined);
  return {
    directory,
    [Symbol.asyncDispose]: async () => {
      await remove(`${claims}/${claimName}`);
      await remove(`${volumes}/${name}`);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
