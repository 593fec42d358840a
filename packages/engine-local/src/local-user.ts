import { readFile } from 'node:fs/promises';
import { type ResolvedUser, resolveUser } from '@recac/engine-kit';

/** A user as processes get it. */
export interface LocalUser {
  /** User id. */
  readonly uid: number;
  /** Primary group id. */
  readonly gid: number;
  /** HOME, USER and LOGNAME to match. */
  readonly environmentVariables: ResolvedUser['environmentVariables'];
}

/** Looks a name, uid or uid:gid up on this machine. A uid needs no entry. Errors: `RECAC_INVALID_ARGUMENT`, field `user`, for a name that is not there. */
export async function findLocalUser(user: string): Promise<LocalUser> {
  const [passwd, group] = await Promise.all([readText('/etc/passwd'), readText('/etc/group')]);
  const { id, environmentVariables } = resolveUser(user, { passwd, group });
  const colon = id.indexOf(':');
  return { uid: Number(id.slice(0, colon)), gid: Number(id.slice(colon + 1)), environmentVariables };
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
