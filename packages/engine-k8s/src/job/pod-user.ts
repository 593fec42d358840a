import { invalidArgument, validateUser } from '@recac/engine-core';

/** Who the processes of a pod are. */
export interface PodUser {
  /** Numeric user. */
  readonly uid: number;
  /** Numeric group; also the group that volumes are given to. */
  readonly gid: number;
}

/** Who commands run as when nobody says; as on Docker. */
const unprivilegedId = 10_000;

/**
 * The user of a pod. Kubernetes takes numbers only: a name is refused, but for `root`. A uid without a group gets the group of the same number. Errors:
 * `RECAC_INVALID_ARGUMENT`, field `user`.
 */
export function toPodUser(user: string | undefined): PodUser {
  if (user === undefined) return { uid: unprivilegedId, gid: unprivilegedId };
  if (user === 'root') return { uid: 0, gid: 0 };
  validateUser(user);
  const [uid = '', gid = uid] = user.split(':');
  if (!isNumber(uid) || !isNumber(gid))
    throw invalidArgument(
      'user',
      `must be a number on Kubernetes, which does not look into the image for ${JSON.stringify(user)}`,
      'Use its numbers, such as 1000 or 1000:1000: `id` shows them in the image.',
    );
  return { uid: Number(uid), gid: Number(gid) };
}

/** True for the user that may do most. */
export function isRoot({ uid }: PodUser): boolean {
  return uid === 0;
}

function isNumber(text: string): boolean {
  return /^[0-9]+$/.test(text);
}
