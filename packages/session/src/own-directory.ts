import { access, constants, mkdir } from 'node:fs/promises';
import { RecacError } from '@recac/engine-core';

/** What a directory of recac's own is for, and how to have it elsewhere. */
export interface OwnDirectoryUse {
  /** Half a sentence after "where", such as `recac remembers its sessions`. */
  readonly purpose: string;
  /** What moves it: an environment variable, or an option. */
  readonly setting: string;
}

/** Makes a directory of recac's own, for the user only. Errors: `RECAC_PERMISSION_DENIED`, with the setting that moves it, when nothing can be written there. */
export async function prepareOwnDirectory(directory: string, { purpose, setting }: OwnDirectoryUse): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = `${directory}, where ${purpose}, cannot be written (${code}). Make it writable, or set ${setting} to a directory that is.`;
    throw new RecacError('RECAC_PERMISSION_DENIED', message, {
      cause,
      details: { verb: 'write', resource: directory },
    });
  }
}
