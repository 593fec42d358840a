// Makes and removes the volumes of a test cluster's StorageClasses: `node provisioner.ts DIRECTORY`, in the cluster's network namespace.
import { rm } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiCallError, callApi, readConnection } from '../cluster-connection.ts';
import { kubeconfigPath } from '../cluster-plan.ts';
import { watchObjects } from '../watch-objects.ts';
import { makeVolumeDirectory } from './make-volume-directory.ts';
import {
  type Claim,
  isUnclaimed,
  type PersistentVolume,
  toVolume,
  volumeDirectory,
  volumeName,
  wantsVolume,
} from './persistent-volume.ts';
import { type StorageClass, storageClassPath } from './storage-class.ts';

const [directory = '.'] = process.argv.slice(2);
const connection = await readConnection(kubeconfigPath(directory));
const volumesPath = '/api/v1/persistentvolumes';
let classes: readonly StorageClass[] = [];
let claims: readonly Claim[] = [];
let volumes: readonly PersistentVolume[] = [];

/** Done once for each object, as long as that succeeds. */
const done = new Set<string>();

async function provide(): Promise<void> {
  for (const claim of claims) {
    const storageClass = classes.find((candidate) => wantsVolume(claim, candidate));
    if (storageClass) await once(claim.metadata.uid, () => create(claim, storageClass));
  }
  for (const volume of volumes) if (isUnclaimed(volume)) await once(volume.metadata.uid, () => remove(volume));
}

async function create(claim: Claim, storageClass: StorageClass): Promise<void> {
  await makeVolumeDirectory(volumeDirectory(directory, volumeName(claim)));
  const body = toVolume(claim, storageClass, directory);
  await callApi(connection, { method: 'POST', path: volumesPath, body }).catch(unless(409));
}

async function remove({ metadata: { name, uid } }: PersistentVolume): Promise<void> {
  await rm(volumeDirectory(directory, name), { recursive: true, force: true });
  const body = { preconditions: { uid } };
  await callApi(connection, { method: 'DELETE', path: `${volumesPath}/${name}`, body }).catch(unless(404));
}

function unless(status: number): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ApiCallError) || error.status !== status) throw error;
  };
}

async function once(uid: string, act: () => Promise<void>): Promise<void> {
  if (done.has(uid)) return;
  await act();
  done.add(uid);
}

let isWanted = false;
let isRunning = false;

/** One pass at a time; what changes in the meantime gets another. One that fails is tried again. */
async function changed(): Promise<void> {
  isWanted = true;
  if (isRunning) return;
  isRunning = true;
  while (isWanted) {
    isWanted = false;
    await provide().catch(async (error: unknown) => {
      console.error(error);
      isWanted = true;
      await delay(500);
    });
  }
  isRunning = false;
}

await Promise.all([
  watchObjects<StorageClass>(connection, storageClassPath, (objects) => {
    classes = objects;
    void changed();
  }),
  watchObjects<Claim>(connection, '/api/v1/persistentvolumeclaims', (objects) => {
    claims = objects;
    void changed();
  }),
  watchObjects<PersistentVolume>(connection, volumesPath, (objects) => {
    volumes = objects;
    void changed();
  }),
]);
