import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, normalize } from 'node:path';
import { isHere } from '../daemon/is-here.ts';
import { homeSockets } from '../daemon/usual-sockets.ts';

/** Where daemons of a machine listen. `/var/run` is mostly a link to `/run`. */
const usualSockets = ['docker.sock', 'podman/podman.sock', 'containerd/containerd.sock', 'crio/crio.sock'].flatMap(
  (path) => [`/run/${path}`, `/var/run/${path}`],
);

/** Where those of ordinary users do. */
const userDirectory = /^\/(?:var\/)?run\/user(?:\/\d+(?:\/podman)?)?$/;

/**
 * True for a directory of the daemon's machine that holds its socket, or that of another daemon. Links are followed where the daemon is on this machine; of
 * another one only the usual places are known.
 */
export async function holdsSocket(directory: string, daemonHost: string): Promise<boolean> {
  const named = normalize(directory).replace(/(?!^)\/$/, '');
  const real = isHere(daemonHost) ? await toReal(named) : named;
  if ([named, real].some((one) => userDirectory.test(one) || usualSockets.some((path) => isAbove(one, path))))
    return true;
  if (!isHere(daemonHost)) return false;
  const own = daemonHost.startsWith('unix://') ? [daemonHost.slice('unix://'.length)] : [];
  if (own.some((path) => isAbove(named, path))) return true;
  const present = await Promise.all([
    ...own.map(toReal),
    ...homeSockets.map(({ path }) => realpath(join(homedir(), path)).catch(() => undefined)),
  ]);
  return present.some((path) => path !== undefined && isAbove(real, path));
}

/** Without links, as far as the path exists. */
async function toReal(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await toReal(parent), basename(path));
  }
}

function isAbove(directory: string, path: string): boolean {
  return normalize(path).startsWith(normalize(`${directory}/`));
}
