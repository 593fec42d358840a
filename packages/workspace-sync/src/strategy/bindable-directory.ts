import { lstat, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import process from 'node:process';
import { RecacError } from '@recac/engine-core';
import { resolveDirectory } from './resolve-directory.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The directory of a workspace that is not copied but shown to the environment itself. Refused besides what {@link resolveDirectory} refuses: a path
 * that goes through a link, which could lead elsewhere by the time it is mounted, and a directory that holds the socket of a container daemon, by which a
 * command would be root on the machine. Errors: `RECAC_WORKSPACE_UNAVAILABLE`.
 */
export async function resolveBindableDirectory(path: string, variables: Variables = process.env): Promise<string> {
  const wanted = resolve(path);
  const real = await resolveDirectory(wanted);
  const link = await findLink(wanted);
  if (link !== undefined)
    throw refused(wanted, `goes through the link ${link}, which could be changed. Name the directory itself: ${real}`);
  const socket = await findSocket(real, variables);
  if (socket !== undefined)
    throw refused(
      wanted,
      `holds the socket of a container daemon, ${socket}: whoever reaches it is root on this machine. Choose a project directory with --workspace DIR`,
    );
  return real;
}

async function findLink(path: string): Promise<string | undefined> {
  const parents: string[] = [];
  for (let current = path; current !== dirname(current); current = dirname(current)) parents.unshift(current);
  for (const parent of parents) if ((await lstat(parent)).isSymbolicLink()) return parent;
  return undefined;
}

async function findSocket(directory: string, variables: Variables): Promise<string | undefined> {
  for (const socket of listSockets(variables)) {
    const real = await realpath(socket).catch(() => socket);
    if ([socket, real].some((path) => path.startsWith(directory + sep))) return socket;
  }
  return undefined;
}

/** Where daemons usually listen, and where the variables say that one does. */
function listSockets(variables: Variables): readonly string[] {
  const named = [variables.DOCKER_HOST, variables.CONTAINER_HOST]
    .filter((host) => host?.startsWith('unix://'))
    .map((host) => host?.slice('unix://'.length) ?? '');
  const runtime = variables.XDG_RUNTIME_DIR ?? '';
  const perUser = runtime === '' ? [] : [join(runtime, 'docker.sock'), join(runtime, 'podman/podman.sock')];
  const home = variables.HOME ?? homedir();
  const ofDesktops = ['.docker/run', '.docker/desktop', '.colima/default', '.rd', '.orbstack/run'];
  return [
    ...named,
    ...perUser,
    ...ofDesktops.map((place) => join(home, place, 'docker.sock')),
    '/run/docker.sock',
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
    '/run/containerd/containerd.sock',
    '/run/k3s/containerd/containerd.sock',
    '/run/crio/crio.sock',
    '/run/cri-dockerd.sock',
  ];
}

function refused(path: string, problem: string): RecacError {
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', `the workspace ${path} ${problem}.`, { details: { path } });
}
