import { lstat, open, readdir, readlink, stat } from 'node:fs/promises';
import { RecacError } from '@recac/engine-core';
import { copiedModeBits, type TarEntry } from './tar-entry.ts';
import { encodeHeader, paddingAfter } from './tar-header.ts';

/** What to pack. */
export interface PackOptions {
  /** File, directory or link of this machine. */
  readonly path: string;
  /** Its name in the archive. */
  readonly name: string;
  /** When the path itself is a link, pack what it leads to. */
  readonly followLink: boolean;
  /** Called with the path of a socket, device or FIFO, which is left out. */
  readonly onSkipped: (path: string) => void;
}

const readBytes = 262_144;

/**
 * The members of an archive of a path, without the end of the archive. Links stay links; nothing is read through them. Errors: those of the system,
 * and `RECAC_WORKSPACE_CONFLICT` when a file changes its size meanwhile.
 */
export async function* packPath(options: PackOptions): AsyncGenerator<Uint8Array, void, undefined> {
  yield* packOne(Buffer.from(options.path), Buffer.from(options.name).toString('latin1'), options);
}

async function* packOne(path: Buffer, name: string, options: PackOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const information = options.followLink ? await stat(path) : await lstat(path);
  const described = {
    name,
    mode: information.mode & copiedModeBits,
    modifiedSeconds: information.mtimeMs / 1_000,
    size: 0,
    linkName: '',
  };
  if (information.isSymbolicLink()) {
    const linkName = (await readlink(path, { encoding: 'buffer' })).toString('latin1');
    yield encodeHeader({ ...described, type: 'link', linkName });
  } else if (information.isDirectory()) {
    yield encodeHeader({ ...described, name: `${name}/`, type: 'directory', mode: described.mode | 0o700 });
    const children = await readdir(path, { encoding: 'buffer' });
    for (const child of children.sort(Buffer.compare))
      yield* packOne(Buffer.concat([path, Buffer.from('/'), child]), `${name}/${child.toString('latin1')}`, {
        ...options,
        followLink: false,
      });
  } else if (information.isFile()) {
    yield* packFile(path, { ...described, type: 'file' });
  } else {
    options.onSkipped(path.toString());
  }
}

async function* packFile(path: Buffer, described: TarEntry): AsyncGenerator<Uint8Array, void, undefined> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  yield encodeHeader({ ...described, size });
  for (let at = 0; at < size; ) {
    const { buffer, bytesRead } = await file.read(
      Buffer.allocUnsafe(Math.min(readBytes, size - at)),
      0,
      undefined,
      undefined,
    );
    if (bytesRead === 0) throw changed(path);
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
  if ((await file.stat()).size !== size) throw changed(path);
  yield paddingAfter(size);
}

function changed(path: Buffer): RecacError {
  const message = `${path.toString()} changed its size while it was copied. Copy again when nothing writes to it.`;
  return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { path: path.toString() } });
}
