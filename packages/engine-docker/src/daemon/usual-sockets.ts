import { isAbsolute, posix } from 'node:path';
import type { DaemonAddress } from './daemon-address.ts';
import type { LocateEnvironment } from './docker-directory.ts';

/** Where those of desktop programs listen, below the user's home. */
export const homeSockets = [
  { path: '.docker/run/docker.sock', source: 'Docker Desktop' },
  { path: '.docker/desktop/docker.sock', source: 'Docker Desktop' },
  { path: '.colima/default/docker.sock', source: 'Colima' },
  { path: '.orbstack/run/docker.sock', source: 'OrbStack' },
  { path: '.rd/docker.sock', source: 'Rancher Desktop' },
] as const;

/** Where daemons listen when nobody chose one, in the order in which they are tried. The first is the docker command's default. */
export function listUsualSockets(environment: LocateEnvironment): readonly DaemonAddress[] {
  const { platform, homeDirectory } = environment;
  if (platform === 'win32')
    return [
      { host: 'npipe:////./pipe/docker_engine', source: 'default' },
      { host: 'npipe:////./pipe/dockerDesktopLinuxEngine', source: 'Docker Desktop' },
      { host: 'npipe:////./pipe/podman-machine-default', source: 'Podman' },
    ];
  const runtime = findRuntimeDirectory(environment);
  const inHome = isAbsolute(homeDirectory)
    ? homeSockets.map(({ path, source }) => ({ host: `unix://${posix.join(homeDirectory, path)}`, source }))
    : [];
  return [
    { host: 'unix:///var/run/docker.sock', source: 'default' },
    ...(runtime === undefined ? [] : [{ host: `unix://${runtime}/docker.sock`, source: 'rootless Docker' }]),
    ...inHome,
    ...(runtime === undefined ? [] : [{ host: `unix://${runtime}/podman/podman.sock`, source: 'rootless Podman' }]),
    { host: 'unix:///run/podman/podman.sock', source: 'Podman' },
  ];
}

function findRuntimeDirectory({ variables, uid, platform }: LocateEnvironment): string | undefined {
  const { XDG_RUNTIME_DIR: named } = variables;
  if (named && isAbsolute(named)) return posix.normalize(named).replace(/\/$/, '');
  return platform === 'linux' && uid !== undefined ? `/run/user/${uid}` : undefined;
}
