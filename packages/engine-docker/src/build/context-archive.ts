import { Buffer } from 'node:buffer';
import type { Stats } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { RecacError } from '@recac/engine-core';
import { tarEnd, toPadding, toTarHeader } from '../tar-header.ts';
import type { IgnoreRules } from './ignore-rules.ts';

/** What a build context is packed with. */
export interface ContextArchiveOptions {
  /** What is left out. */
  readonly rules: IgnoreRules;
  /** Called with the path of what cannot be sent: a socket, a named pipe, a device. */
  readonly onSkipped: (path: string) => void;
}

const pieceBytes = 65_536;

/**
 * The tar archive of a directory, piece by piece, in the order of names. Links stay links. Everything belongs to root, as with the docker command. Errors:
 * `RECAC_PERMISSION_DENIED` and `RECAC_IMAGE_BUILD_FAILED`, naming the file.
 */
export async function* packContext(root: string, options: ContextArchiveOptions): AsyncGenerator<Buffer> {
  yield* packDirectory(Buffer.from(root), { bytes: Buffer.from(''), text: '' }, options);
  yield tarEnd;
}

/** A path in the context. A name may be any bytes; rules and messages take the text. */
interface ContextPath {
  readonly bytes: Buffer;
  readonly text: string;
}

async function* packDirectory(
  root: Buffer,
  directory: ContextPath,
  options: ContextArchiveOptions,
): AsyncGenerator<Buffer> {
  const names = await reading(directory, readdir(join(root, directory.bytes), { encoding: 'buffer' }));
  for (const name of names.sort(Buffer.compare)) {
    const bytes = directory.text === '' ? name : join(directory.bytes, name);
    const path = { bytes, text: bytes.toString() };
    const ignored = options.rules.ignores(path.text);
    if (ignored && !options.rules.mayHoldIncluded(path.text)) continue;
    const stats = await reading(path, lstat(join(root, bytes)));
    if (!ignored) yield* packOne(root, path, stats, options);
    if (stats.isDirectory()) yield* packDirectory(root, path, options);
  }
}

async function* packOne(
  root: Buffer,
  path: ContextPath,
  stats: Stats,
  { onSkipped }: ContextArchiveOptions,
): AsyncGenerator<Buffer> {
  const common = { path: path.bytes, mode: stats.mode, size: 0, modifiedSeconds: stats.mtimeMs / 1000 };
  if (stats.isDirectory()) yield toTarHeader({ ...common, type: 'directory' });
  else if (stats.isSymbolicLink())
    yield toTarHeader({
      ...common,
      type: 'link',
      mode: 0o777,
      target: await reading(path, readlink(join(root, path.bytes), { encoding: 'buffer' })),
    });
  else if (stats.isFile()) yield* packFile(root, path);
  else onSkipped(path.text);
}

async function* packFile(root: Buffer, path: ContextPath): AsyncGenerator<Buffer> {
  const file = await reading(path, open(join(root, path.bytes), 'r'));
  try {
    const { mode, size, mtimeMs } = await file.stat();
    yield toTarHeader({ path: path.bytes, type: 'file', mode, size, modifiedSeconds: mtimeMs / 1000 });
    let left = size;
    if (size > 0)
      for await (const piece of file.createReadStream({ autoClose: false, end: size - 1, highWaterMark: pieceBytes })) {
        left -= piece.length;
        yield piece;
      }
    if (left > 0)
      throw new RecacError(
        'RECAC_IMAGE_BUILD_FAILED',
        `${path.text} became shorter while it was read. Build again when nothing writes to it.`,
        {
          details: { path: path.text },
        },
      );
    yield toPadding(size);
  } finally {
    await file.close();
  }
}

function join(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), name]);
}

async function reading<T>({ text }: ContextPath, work: Promise<T>): Promise<T> {
  const path = text || '.';
  try {
    return await work;
  } catch (error) {
    const { code } = error as { readonly code?: string };
    const refused = code === 'EACCES' || code === 'EPERM';
    throw new RecacError(
      refused ? 'RECAC_PERMISSION_DENIED' : 'RECAC_IMAGE_BUILD_FAILED',
      `${path} in the build context cannot be read (${code}). Correct its permissions, or name it in .dockerignore.`,
      { cause: error, details: { path } },
    );
  }
}
