import { invalidArgument } from '@recac/engine-core';
import type { UserFiles } from './user-files.ts';

/** A user of an environment, looked up. */
export interface ResolvedUser {
  /** `uid:gid`. */
  readonly id: string;
  /** Its name, where /etc/passwd has one. */
  readonly name?: string;
  /** HOME, USER and LOGNAME to match. */
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/**
 * Resolves `name`, `uid`, `name:group` or `uid:gid` by an environment's own files. Digits are an id, also where a user has them for a name, as with Docker. A name that is not there is refused before anything runs. Numbers need no
 * entry. Errors: `RECAC_INVALID_ARGUMENT`, field `user`.
 */
export function resolveUser(text: string, files: UserFiles): ResolvedUser {
  const [user = '', group] = text.split(':');
  const entry = parse(files.passwd).find(([name, , uid]) =>
    isNumber(user) ? uid === String(Number(user)) : name === user,
  );
  if (!entry && !isNumber(user)) throw unknownName(`user ${JSON.stringify(user)}`);
  const uid = entry?.[2] ?? String(Number(user));
  const gid = group === undefined ? (entry?.[3] ?? uid) : resolveGroup(group, files);
  const name = entry?.[0] ?? user;
  return {
    id: `${uid}:${gid}`,
    ...(entry?.[0] === undefined ? {} : { name: entry[0] }),
    environmentVariables: { HOME: entry?.[5] || '/', USER: name, LOGNAME: name },
  };
}

function resolveGroup(group: string, files: UserFiles): string {
  if (isNumber(group)) return String(Number(group));
  const entry = parse(files.group).find(([name]) => name === group);
  if (!entry?.[2]) throw unknownName(`group ${JSON.stringify(group)}`);
  return entry[2];
}

function parse(text: string): readonly string[][] {
  return text.split('\n').map((line) => line.split(':'));
}

/** The largest id that Docker, and Node for a process, take. */
const largestId = 2_147_483_647;

function isNumber(text: string): boolean {
  return /^[0-9]+$/.test(text) && Number(text) <= largestId;
}

function unknownName(what: string): Error {
  return invalidArgument(
    'user',
    `names a ${what} that the environment does not know`,
    'Use a name from its /etc/passwd, or numbers such as 1000:1000.',
  );
}
