import { closeSync, constants, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { toPathBytes } from '../manifest/scan-path.ts';

/** Permissions that files have when they come back: nobody but the owner may write to them, whatever the environment says. */
export const fetchedModeMask = 0o755;

const pieceBytes = 1_048_576;

/**
 * Whether two files of this machine, the first of which was fetched, are the same: what of their permissions can come back, and all of their content; or two links, with the same target. What cannot
 * be read is not the same. Paths are bytes, one character each. Errors: the system's.
 */
export function isSameFile(fetched: string, other: string): boolean {
  const paths = [toPathBytes(fetched), toPathBytes(other)] as const;
  const [first, second] = [lstatSync(paths[0]), lstatSync(paths[1])];
  if (first.isSymbolicLink() && second.isSymbolicLink())
    return readlinkSync(paths[0], { encoding: 'buffer' }).equals(readlinkSync(paths[1], { encoding: 'buffer' }));
  if (!first.isFile() || !second.isFile() || first.size !== second.size) return false;
  return (first.mode & fetchedModeMask) === (second.mode & fetchedModeMask) && isSameContent(...paths);
}

function isSameContent(one: Buffer, other: Buffer): boolean {
  const opened: number[] = [];
  const open = (path: Buffer): number => {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    opened.push(file);
    return file;
  };
  try {
    const [first, second] = [open(one), open(other)];
    const [here, there] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
    for (;;) {
      const length = readSync(first, here);
      if (length !== fill(second, there.subarray(0, Math.max(1, length)))) return false;
      if (length === 0) return true;
      if (!here.subarray(0, length).equals(there.subarray(0, length))) return false;
    }
  } catch {
    return false;
  } finally {
    for (const file of opened) closeSync(file);
  }
}

/** Reads until it is full, or the file ends. Gives the number of bytes. */
function fill(file: number, into: Buffer): number {
  let done = 0;
  while (done < into.length) {
    const read = readSync(file, into, done, into.length - done, null);
    if (read === 0) break;
    done += read;
  }
  return done;
}
