import { chmod, mkdir } from 'node:fs/promises';

/** Makes the directory of a volume, writable for every user: the kubelet changes nothing about it, whatever a pod's `fsGroup` is. */
export async function makeVolumeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777);
}
