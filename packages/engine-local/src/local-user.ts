import { readFile } from 'node:fs/promises';
import { RecacError } from '@recac/engine-core';

/** A user as processes get it. */
export interface LocalUser {
  /** User id. */
  readonly uid: number;
  /** Primary group id. */
  readonly gid: number;
  /** Name, or the uid as text where it has none. */
  readonly name: string;
  /** Home directory, `/` where it has none. */
  readonly home: string;
}

interface PasswdEntry extends LocalUser {}

function parsePasswd(text: string): readonly PasswdEntry[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid, , home] = line.split(':');
    return name && home !== undefined ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [];
  });
}

/** Resolves a name, uid or uid:gid. A uid needs no entry; an unknown name is `RECAC_INVALID_ARGUMENT`, field `user`. */
export async function resolveUser(user: string): Promise<LocalUser> {
  const entries = parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''));
  const [owner = '', group] = user.split(':');
  const numeric = /^\d+$/.test(owner);
  const entry = entries.find((candidate) => (numeric ? candidate.uid === Number(owner) : candidate.name === owner));
  if (!entry && !numeric) throw unknownUser(`the user ${owner} does not exist on this machine`);
  const found = entry ?? { name: owner, uid: Number(owner), gid: Number(owner), home: '/' };
  return group === undefined ? found : { ...found, gid: await resolveGroup(group) };
}

async function resolveGroup(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const lines = (await readFile('/etc/group', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const id = lines.find(([name]) => name === group)?.[2];
  if (id === undefined) throw unknownUser(`the group ${group} does not exist on this machine`);
  return Number(id);
}

function unknownUser(message: string): RecacError {
  return new RecacError('RECAC_INVALID_ARGUMENT', `${message}. Name an existing one, or use numeric ids.`, {
    details: { field: 'user', rule: 'must exist' },
  });
}
