import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = '/sys/fs/cgroup';

/** Makes the control group of a cluster's pods, below every hierarchy of this machine. */
export async function makeControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const directory = join(hierarchy, name);
    await mkdir(directory, { recursive: true });
    // A new group of version 1 has no processors and no memory, and nothing can run in it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const value = await readFile(join(hierarchy, file), 'utf8').catch(() => undefined);
      if (value !== undefined) await writeFile(join(directory, file), value).catch(() => {});
    }
  }
}

/** Removes it with all below it. Its processes may take a moment to go. */
export async function removeControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      if (await removeTree(join(hierarchy, name))) break;
      await delay(100);
    }
  }
}

async function hierarchies(): Promise<readonly string[]> {
  const names = await readdir(root);
  if (names.includes('cgroup.controllers')) return [root];
  return names.map((name) => join(root, name));
}

async function removeTree(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return true;
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name));
  return rmdir(directory).then(
    () => true,
    () => false,
  );
}
