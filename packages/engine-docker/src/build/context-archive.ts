import type { Buffer } from 'node:buffer';
import type { Stats } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
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
  yield* packDirectory(root, '', options);
  yield tarEnd;
}

async function* packDirectory(root: string, directory: string, options: ContextArchiveOptions): AsyncGenerator<Buffer> {
  const names = await reading(directory || '.', readdir(join(root, directory)));
  for (const name of names.sort()) {
    const path = directory === '' ? name : `${directory}/${name}`;
    const ignored = options.rules.ignores(path);
    if (ignored && !options.rules.mayHoldIncluded(path)) continue;
    const stats = await reading(path, lstat(join(root, path)));
    if (!ignored) yield* packOne(root, path, stats, options);
    if (stats.isDirectory()) yield* packDirectory(root, path, options);
  }
}

async function* packOne(
  root: string,
  path: string,
  stats: Stats,
  { onSkipped }: ContextArchiveOptions,
): AsyncGenerator<Buffer> {
  const common = { path, mode: stats.mode, size: 0, modifiedSeconds: stats.mtimeMs / 1000 };
  if (stats.isDirectory()) yield toTarHeader({ ...common, type: 'directory' });
  else if (stats.isSymbolicLink())
    yield toTarHeader({
      ...common,
      type: 'link',
      mode: 0o777,
      target: await reading(path, readlink(join(root, path))),
    });
  else if (stats.isFile()) yield* packFile(root, path);
  else onSkipped(path);
}

async function* packFile(root: string, path: string): AsyncGenerator<Buffer> {
  const file = await reading(path, open(join(root, path), 'r'));
  try {
    const { mode, size, mtimeMs } = await file.stat();
    yield toTarHeader({ path, type: 'file', mode, size, modifiedSeconds: mtimeMs / 1000 });
    let left = size;
    if (size > 0)
      for await (const piece of file.createReadStream({ autoClose: false, end: size - 1, highWaterMark: pieceBytes })) {
        left -= piece.length;
        yield piece;
      }
    if (left > 0)
      throw new RecacError(
        'RECAC_IMAGE_BUILD_FAILED',
        `${path} became shorter while it was read. Build again when nothing writes to it.`,
        {
          details: { path },
        },
      );
    yield toPadding(size);
  } finally {
    await file.close();
  }
}

async function reading<T>(path: string, work: Promise<T>): Promise<T> {
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
