import { hostname, userInfo } from 'node:os';

/** Who makes things, as they are labelled: `USER@HOST`, or the host alone where the user has no name, as in a container. */
export function readOwner(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname();
  }
}
