import { createHash } from 'node:crypto';
import { access, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { prepareOwnDirectory } from '../own-directory.ts';
import { configFileInvalid } from './config-error.ts';
import { readConfigFile } from './read-config-file.ts';
import { currentUser, type UserSurroundings, userConfigDirectory } from './user-config-directory.ts';

/**
 * Trusts a configuration file as it is now: its place and the SHA-256 of its bytes. Any change takes the trust away. A link is trusted where it lies,
 * not what it leads to. Gives the file's path, its directory without links. Errors: `RECAC_CONFIG_INVALID` when it cannot be read; those of {@link prepareTrust}.
 */
export async function trustFile(path: string, user: UserSurroundings = currentUser()): Promise<string> {
  const content = await readConfigFile(path);
  if (content === undefined) throw configFileInvalid(path, 'does not exist', 'Check the path.');
  const file = await toPlace(path);
  await prepareTrust(user);
  await writeFile(join(toTrustDirectory(user), toTrustId(file, content.data)), `${file}\n`, { mode: 0o600 });
  return file;
}

/** Makes the place where trust is remembered. Errors: `RECAC_PERMISSION_DENIED` when nothing can be written there. */
export async function prepareTrust(user: UserSurroundings = currentUser()): Promise<void> {
  const use = { purpose: 'recac remembers the files that you trust', setting: 'XDG_CONFIG_HOME' };
  await prepareOwnDirectory(toTrustDirectory(user), use);
}

/** Whether the user has trusted this file as it is now. */
export async function isTrusted(path: string, user: UserSurroundings = currentUser()): Promise<boolean> {
  const content = await readConfigFile(path);
  return content !== undefined && isTrustedContent(path, content.data, user);
}

/** Whether the user has trusted these bytes of the file; for callers that have read it, so that what was checked is what is used. */
export async function isTrustedContent(path: string, data: Uint8Array, user: UserSurroundings): Promise<boolean> {
  try {
    await access(join(toTrustDirectory(user), toTrustId(await toPlace(path), data)));
    return true;
  } catch {
    return false;
  }
}

/** Not the real path of the file: a link in a project that somebody else made would inherit the trust in a file of another. */
async function toPlace(path: string): Promise<string> {
  return join(await realpath(dirname(path)), basename(path));
}

function toTrustDirectory(user: UserSurroundings): string {
  return join(userConfigDirectory(user), 'trusted');
}

function toTrustId(file: string, data: Uint8Array): string {
  return createHash('sha256').update(file).update('\0').update(data).digest('hex');
}
