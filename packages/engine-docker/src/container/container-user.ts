import { invalidArgument } from '@recac/engine-core';

/** A user of a container, looked up. */
export interface ContainerUser {
  /** As the daemon takes it: `uid` or `uid:gid`. */
  readonly id: string;
  /** HOME, USER and LOGNAME to match. */
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/** The user files of a container. */
export interface UserFiles {
  /** Text of /etc/passwd; empty when there is none. */
  readonly passwd: string;
  /** Text of /etc/group; empty when there is none. */
  readonly group: string;
}

/**
 * Resolves `name`, `uid`, `name:group` or `uid:gid` by a container's own files. A name that is not there is refused, since the daemon would report it as
 * output of the command (exit 126). Numbers need no entry.
 */
export function resolveUser(text: string, files: UserFiles): ContainerUser {
  const [user = '', group] = text.split(':');
  const entry = parse(files.passwd).find(
    ([name, , uid]) => name === user || (isNumber(user) && uid === String(Number(user))),
  );
  if (!entry && !isNumber(user)) throw unknownName(`user ${JSON.stringify(user)}`);
  const uid = entry?.[2] ?? String(Number(user));
  const gid = group === undefined ? (entry?.[3] ?? uid) : resolveGroup(group, files);
  const name = entry?.[0] ?? user;
  return {
    id: `${uid}:${gid}`,
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

function isNumber(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function unknownName(what: string): Error {
  return invalidArgument(
    'user',
    `names a ${what} that the image does not know`,
    'Use a name from its /etc/passwd, or numbers such as 1000:1000.',
  );
}
