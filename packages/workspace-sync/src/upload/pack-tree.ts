import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { RecacError } from '@recac/engine-core';
import { blockBytes } from '../archive/tar-entry.ts';
import { encodeHeader, paddingAfter } from '../archive/tar-header.ts';
import { toBytePath } from '../byte-path.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';
import { toPathBytes, unreadable } from '../manifest/scan-path.ts';

/** Which paths of a directory to pack. */
export interface TreeSelection {
  /** The directory, on this machine. */
  readonly directory: string;
  /** Paths and what they are, parents first. What is special is left out. */
  readonly entries: Iterable<readonly [string, ManifestEntry]>;
  /** Directory that they get in the archive. */
  readonly prefix: string;
  /** Told of a file that was not packed as its entry says, but as it was a moment later. Default: nobody is. */
  readonly onOther?: (path: string, packed: PackedFile) => void;
}

/** What was packed of a file. */
export interface PackedFile {
  /** Bytes. */
  readonly size: number;
  /** mtime in nanoseconds since 1970. */
  readonly modifiedNs: bigint;
}

const bufferBytes = 1_048_576;
/** Files up to this size are read at once, so that they are as long as their header says whoever writes to them. */
const wholeBytes = 262_144;
/** A header with a long name, and padding. */
const roomForHeader = 16_384;

/**
 * The members of an archive, in pieces of 1 MiB, each valid until the next one is asked for, read synchronously: packing through streams takes 8 to 15 times as long (`pitfalls.md` 0.12). A file that is
 * gone by now is left out; one that grows is packed up to where it was. Errors: `RECAC_WORKSPACE_CONFLICT` for a large file that shrinks meanwhile,
 * `RECAC_WORKSPACE_UNAVAILABLE` for one that cannot be read.
 */
export function* packTree({
  directory,
  entries,
  prefix,
  onOther,
}: TreeSelection): Generator<Uint8Array, void, undefined> {
  const root = toBytePath(directory);
  const output = new OutputBuffer();
  for (const [path, entry] of entries) {
    const name = `${prefix}/${path}`;
    const full = toPathBytes(`${root}/${path}`);
    if (entry.type === 'directory') {
      yield* output.add(encodeHeader(describe(entry, `${name}/`)));
    } else if (entry.type === 'link') {
      const linkName = attempt(path, () => readlinkSync(full, { encoding: 'buffer' }).toString('latin1'));
      if (linkName !== undefined) yield* output.add(encodeHeader({ ...describe(entry, name), linkName }));
    } else if (entry.type === 'file') {
      const file = attempt(path, () =>
        openSync(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK),
      );
      if (file === undefined) continue;
      try {
        yield* packFile(file, { ...describe(entry, name), size: entry.size }, output, (packed) => {
          if (!isPackedAs(entry, packed)) onOther?.(path, packed);
        });
      } finally {
        closeSync(file);
      }
    }
  }
  yield* output.flush();
}

const second = 1_000_000_000n;

/** Whether size, and mtime in the seconds that an archive has, are the same. */
export function isPackedAs(one: PackedFile, other: PackedFile): boolean {
  return one.size === other.size && one.modifiedNs / second === other.modifiedNs / second;
}

type Described = Parameters<typeof encodeHeader>[0];

function describe(entry: ManifestEntry, name: string): Described {
  const mode = entry.type === 'directory' ? entry.mode | 0o700 : entry.mode;
  const modifiedSeconds = entry.type === 'directory' ? Date.now() / 1_000 : Number(entry.modifiedNs) / 1e9;
  return { name, type: entry.type, mode, size: 0, modifiedSeconds, linkName: '' };
}

function* packFile(
  file: number,
  described: Described,
  output: OutputBuffer,
  onPacked: (packed: PackedFile) => void,
): Generator<Uint8Array, void, undefined> {
  if (described.size <= wholeBytes) {
    yield* output.makeRoom(described.size);
    if (output.addFile(file, described)) return;
  }
  const status = fstatSync(file);
  onPacked({ size: status.size, modifiedNs: BigInt(Math.floor(status.mtimeMs)) * 1_000_000n });
  yield* output.add(encodeHeader({ ...described, modifiedSeconds: status.mtimeMs / 1_000, size: status.size }));
  for (let at = 0; at < status.size; ) {
    const piece = readAt(file, at, Math.min(bufferBytes, status.size - at));
    if (piece.length === 0) throw shrunk(described.name);
    at += piece.length;
    yield* output.add(piece);
  }
  yield* output.add(paddingAfter(status.size));
}

function readAt(file: number, position: number, length: number): Buffer {
  const content = Buffer.allocUnsafe(length);
  return content.subarray(0, fill(file, content, { at: 0, length, position }));
}

/** Reads until so many bytes are there, or the file ends. Gives their number. */
function fill(
  file: number,
  content: Buffer,
  { at, length, position }: { readonly at: number; readonly length: number; readonly position: number },
): number {
  let done = 0;
  while (done < length) {
    const read = readSync(file, content, at + done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

/** What the work gives; undefined when its file is gone or became something else. */
function attempt<T>(path: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'EINVAL' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, cause);
  }
}

function shrunk(name: string): RecacError {
  const path = toPathBytes(name).toString();
  const message = `${path} became shorter while it was sent. Send it again when nothing writes to it.`;
  return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { path } });
}

/** Gathers small pieces into large ones: each piece that is sent costs the same, long or short. */
class OutputBuffer {
  readonly #buffer = Buffer.allocUnsafe(bufferBytes);
  #length = 0;

  *add(piece: Uint8Array): Generator<Uint8Array, void, undefined> {
    if (this.#length + piece.length > bufferBytes) yield* this.flush();
    if (piece.length >= bufferBytes - blockBytes) {
      yield* this.flush();
      yield piece;
      return;
    }
    this.#buffer.set(piece, this.#length);
    this.#length += piece.length;
  }

  /** So that `addFile` has room for a file of that size. */
  *makeRoom(size: number): Generator<Uint8Array, void, undefined> {
    if (this.#length + size + roomForHeader > bufferBytes) yield* this.flush();
  }

  /** Adds a small file with one read and no copy; false, and nothing was added, when it is not as long as was said. */
  addFile(file: number, described: Described): boolean {
    const header = encodeHeader(described);
    const { size } = described;
    const at = this.#length + header.length;
    if (header.length > roomForHeader - 2 * blockBytes) return false;
    // One byte more than there should be shows that it grew.
    if (fill(file, this.#buffer, { at, length: size + 1, position: 0 }) !== size) return false;
    this.#buffer.set(header, this.#length);
    const padding = (blockBytes - (size % blockBytes)) % blockBytes;
    this.#buffer.fill(0, at + size, at + size + padding);
    this.#length = at + size + padding;
    return true;
  }

  *flush(): Generator<Uint8Array, void, undefined> {
    if (this.#length === 0) return;
    yield this.#buffer.subarray(0, this.#length);
    this.#length = 0;
  }
}
