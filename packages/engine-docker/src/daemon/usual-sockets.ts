import { isAbsolute, posix } from 'node:path';
import type { DaemonAddress } from './daemon-address.ts';
import type { LocateEnvironment } from './docker-directory.ts';

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
  const inHome = (path: string, source: string): readonly DaemonAddress[] =>
    isAbsolute(homeDirectory) ? [{ host: `unix://${posix.join(homeDirectory, path)}`, source }] : [];
  return [
    { host: 'unix:///var/run/docker.sock', source: 'default' },
    ...(runtime === undefined ? [] : [{ host: `unix://${runtime}/docker.sock`, source: 'rootless Docker' }]),
    ...inHome('.docker/run/docker.sock', 'Docker Desktop'),
    ...inHome('.docker/desktop/docker.sock', 'Docker Desktop'),
    ...inHome('.colima/default/docker.sock', 'Colima'),
    ...inHome('.orbstack/run/docker.sock', 'OrbStack'),
    ...inHome('.rd/docker.sock', 'Rancher Desktop'),
    ...(runtime === undefined ? [] : [{ host: `unix://${runtime}/podman/podman.sock`, source: 'rootless Podman' }]),
    { host: 'unix:///run/podman/podman.sock', source: 'Podman' },
  ];
}

function findRuntimeDirectory({ variables, uid, platform }: LocateEnvironment): string | undefined {
  const { XDG_RUNTIME_DIR: named } = variables;
  if (named && isAbsolute(named)) return posix.normalize(named).replace(/\/$/, '');
  return platform === 'linux' && uid !== undefined ? `/run/user/${uid}` : undefined;
}
