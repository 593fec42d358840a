import { stat } from 'node:fs/promises';
import type { EnvironmentSpec } from '@recac/engine-core';
import { saysRoot } from './hidden-root.ts';

/** Who commands run as when nobody says. */
const unprivilegedUser = '10000:10000';

/** A user, and what the caller should know about it. */
export interface ChosenUser {
  /** As docker writes it: `uid`, `uid:gid` or a name. */
  readonly user: string;
  /** Present when it is less safe than it could be. */
  readonly warning?: string;
}

/**
 * The user of an environment. A bind mount decides, so that the agent can write and leaves no file of another's: whoever owns the directory. Under a
 * rootless daemon uid 0 inside is its user outside. Elsewhere an unprivileged number.
 */
export async function chooseUser({ user, workspace }: EnvironmentSpec, rootless: boolean): Promise<ChosenUser> {
  if (user !== undefined) return saysRoot(user) ? { user, warning: rootWarning('as asked') } : { user };
  if (workspace?.type !== 'bind') return { user: unprivilegedUser };
  const owner = await stat(workspace.hostPath).catch(() => undefined);
  if (!owner) return { user: unprivilegedUser };
  if (rootless) return { user: '0:0' };
  if (owner.uid !== 0) return { user: `${owner.uid}:${owner.gid}` };
  return {
    user: '0:0',
    warning: rootWarning(
      `because the workspace ${workspace.hostPath} belongs to root; give it to another user, or name one`,
    ),
  };
}

function rootWarning(why: string): string {
  return `commands run as root inside the environment (without capabilities), ${why}`;
}
