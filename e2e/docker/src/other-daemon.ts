import { readdir, readFile, readlink } from 'node:fs/promises';

/** True when a Docker daemon runs in this network namespace: a second one would take its firewall rules away. */
export async function hasOtherDaemon(): Promise<boolean> {
  const own = await readlink('/proc/self/ns/net');
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const name = await readFile(`/proc/${entry}/comm`, 'utf8').catch(() => '');
    if (name.trim() !== 'dockerd') continue;
    const network = await readlink(`/proc/${entry}/ns/net`).catch(() => '');
    if (network === own) return true;
  }
  return false;
}
