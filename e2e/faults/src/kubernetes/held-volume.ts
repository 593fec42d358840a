import { setTimeout as delay } from 'node:timers/promises';
import type { RunningCluster } from '@recac/e2e-cluster';

const driver = 'held.recac.test';
const node = 'recac-node-lost';
const image = 'recac-test/busybox:1';
const namespace = 'default';
const [claimName, volume, holder] = ['held', 'held-volume', 'held-by'] as const;
const accessModes = ['ReadWriteOnce'];
const size = { storage: '1Gi' };
const isManaged = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };

const parts: readonly object[] = [
  { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: driver }, spec: { attachRequired: true } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: node, annotations: isManaged }, spec: { unschedulable: true } },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volume },
    spec: {
      accessModes,
      capacity: size,
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace, name: claimName },
      csi: { driver, volumeHandle: volume },
    },
  },
];

const users: readonly object[] = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimName, namespace },
    spec: { accessModes, storageClassName: '', volumeName: volume, resources: { requests: size } },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: holder, namespace },
    spec: {
      nodeName: node,
      containers: [{ name: 'holder', image }],
      volumes: [{ name: 'work', persistentVolumeClaim: { claimName } }],
    },
  },
];

/** A volume that is attached to a node that answers no more, where a pod holds it. */
export interface HeldVolume extends AsyncDisposable {
  /** Name of the claim. */
  readonly claimName: string;
  /** Name of the volume. */
  readonly volume: string;
  /** The pod that holds it: it is being deleted, and its node does not confirm the end. */
  readonly holder: string;
  /** Deletes the pod as `kubectl delete --force` does. The volume stays attached. */
  forgetHolder(): Promise<void>;
}

/**
 * Makes a volume for one node, of a driver that attaches, its claim, and a node that is only an object: no kubelet stands behind it. Kubernetes' own controller attaches
 * volumes as for any driver; that the driver has done it is told here.
 */
export async function holdVolume({ apply, kubectl }: RunningCluster): Promise<HeldVolume> {
  await apply(...parts);
  await kubectl('wait', `persistentvolume/${volume}`, '--for=jsonpath={.status.phase}=Available', '--timeout=30s');
  await patchStatus(kubectl, `node/${node}`, { volumesInUse: [`kubernetes.io/csi/${driver}^${volume}`] });
  await apply(...users);
  const running = { name: 'holder', image, imageID: '', ready: true, restartCount: 0, state: { running: {} } };
  await patchStatus(kubectl, `pod/${holder}`, { phase: 'Running', containerStatuses: [running] });
  await patchStatus(kubectl, await findAttachment(kubectl), { attached: true });
  await kubectl('wait', `node/${node}`, '--for=jsonpath={.status.volumesAttached[0].name}', '--timeout=30s');
  await kubectl('delete', 'pod', holder, '--wait=false');
  return {
    claimName,
    volume,
    holder,
    forgetHolder: async () => void (await kubectl('delete', 'pod', holder, '--force')),
    [Symbol.asyncDispose]: async () => {
      await kubectl('delete', 'pod', holder, '--force', '--ignore-not-found');
      await kubectl('delete', 'pvc', claimName);
      await kubectl('delete', `persistentvolume/${volume}`, `node/${node}`, `csidriver/${driver}`);
      await kubectl('delete', 'volumeattachments', '--all');
    },
  };
}

type Kubectl = RunningCluster['kubectl'];

function patchStatus(kubectl: Kubectl, object: string, status: object): Promise<string> {
  return kubectl('patch', object, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
}

async function findAttachment(kubectl: Kubectl): Promise<string> {
  const giveUpAt = performance.now() + 30_000;
  while (performance.now() < giveUpAt) {
    const found = (await kubectl('get', 'volumeattachments', '-o', 'name')).trim();
    if (found !== '') return found;
    await delay(100);
  }
  throw new Error('Kubernetes did not begin to attach the volume');
}
