import { RecacError } from '@recac/engine-core';
import { toDaemonMessage, toStatus, withoutStop } from './daemon-error.ts';
import type { TriedDaemon } from './locate-daemon.ts';

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ENOTDIR: 'there is no such socket',
  ENOTSOCK: 'it is no socket',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ETIMEDOUT: 'no connection in time',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network of the host cannot be reached',
};

const install: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Install Docker or Podman and start it (systemctl start docker)',
  darwin: 'Install and start Docker Desktop, OrbStack, Colima or Rancher Desktop',
  win32: 'Install and start Docker Desktop, Rancher Desktop or Podman',
};

/** Why a daemon did not answer, in words. */
export function toProblem(error: unknown): string {
  const { code } = error as { readonly code?: string };
  const known = code === undefined ? undefined : problems[code];
  const status = toStatus(error);
  if (known !== undefined || status === undefined) return known ?? toDaemonMessage(error);
  return `it answered ${status}: ${toDaemonMessage(error)}`;
}

/** The error for a daemon that was chosen and does not answer. */
export function explainChosen(tried: TriedDaemon, cause: unknown): RecacError {
  const { host, source, problem = '' } = tried;
  const remedy = host.startsWith('ssh:') ? 'Log in with ssh once by hand, start the daemon there' : 'Start it';
  const details = { endpoint: host, tried: [tried] };
  if (isRefusal(cause)) return permissionDenied(host, { cause, details });
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `the Docker daemon at ${host} (${source}) does not answer: ${withoutStop(problem)}. ${remedy}, choose another with DOCKER_HOST or DOCKER_CONTEXT, or run without containers: --backend local`,
    { cause, details },
  );
}

/** The error when nobody chose a daemon and none answers. */
export function explainNone(
  tried: readonly TriedDaemon[],
  causes: readonly unknown[],
  platform: NodeJS.Platform,
): RecacError {
  const refused = causes.findIndex(isRefusal);
  const details = { tried };
  if (refused >= 0) return permissionDenied(tried[refused]?.host ?? '', { cause: causes[refused], details });
  const present = tried.filter((_one, index) => !isAbsent(causes[index]));
  const found = present.map(({ host, source, problem }) => `${host} (${source}): ${withoutStop(problem ?? '')}`);
  const seen = found.length > 0 ? found.join('; ') : `none of the ${tried.length} usual sockets exists`;
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `no Docker daemon answers (${seen}). ${install[platform] ?? 'Install and start Docker'}, name one with DOCKER_HOST, or run without containers: --backend local`,
    { cause: causes[0], details },
  );
}

function permissionDenied(host: string, options: { cause: unknown; details: Record<string, unknown> }): RecacError {
  return new RecacError(
    'RECAC_PERMISSION_DENIED',
    `you may not use the Docker socket at ${host}. Join its group (sudo usermod -aG docker "$USER", then log in again), use rootless Docker or Podman, or run without containers: --backend local`,
    options,
  );
}

function isRefusal(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: string };
  return code === 'EACCES' || code === 'EPERM';
}

function isAbsent(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: string };
  return code === 'ENOENT' || code === 'ENOTDIR';
}
