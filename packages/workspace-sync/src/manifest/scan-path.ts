import { type BigIntStats, lstatSync } from 'node:fs';
import { RecacError } from '@recac/engine-core';
import { ignoreFileName } from '../ignore/ignore-rules.ts';
import type { ManifestEntry } from './manifest-entry.ts';

/** One path of this machine as an entry; undefined when nothing is there. Errors: `RECAC_WORKSPACE_UNAVAILABLE`. */
export function scanPath(path: string): ManifestEntry | undefined {
  const status = statOf(path);
  return status === undefined ? undefined : toEntry(status);
}

/** A path given as bytes, one character each. */
export function toPathBytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** Why a path of this machine cannot be read. */
export function unreadable(path: string, cause: unknown): RecacError {
  const { code } = cause as NodeJS.ErrnoException;
  const shown = toPathBytes(path).toString();
  const message = `${shown} cannot be read (${code}). Check its permissions, or name it in ${ignoreFileName} to leave it out.`;
  return new RecacError('RECAC_WORKSPACE_UNAVAILABLE', message, { cause, details: { path: shown } });
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(toPathBytes(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  }
}

function toEntry(status: BigIntStats): ManifestEntry {
  const mode = Number(status.mode & 0o777n);
  if (status.isDirectory()) return { type: 'directory', mode, size: 0, modifiedNs: 0n, changedNs: 0n, inode: 0n };
  const type = status.isFile() ? 'file' : status.isSymbolicLink() ? 'link' : 'special';
  const { mtimeNs, ctimeNs, ino } = status;
  const size = type === 'file' ? Number(status.size) : 0;
  return { type, mode, size, modifiedNs: mtimeNs, changedNs: ctimeNs, inode: ino };
}
