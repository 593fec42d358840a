import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { RecacError } from '@recac/engine-core';
import { toBytePath, toPathText } from '../byte-path.ts';
import { toPathBytes } from '../manifest/scan-path.ts';
import { listAbove } from './list-above.ts';
import type { TreeChange } from './tree-changes.ts';

/** Files that lie ready, and where they go. */
export interface FilesToPlace {
  /** Directory that gets them, absolute. */
  readonly directory: string;
  /** Directory with the new files, at their paths. */
  readonly staged: string;
  /** Empty directory for the files that are replaced and removed. */
  readonly kept: string;
  /** What changes. Of a submodule only its directory is made. */
  readonly changes: readonly TreeChange[];
}

/**
 * Brings files to their places, each by one rename: at any time a path is as it was or as it will be. Where one cannot be written, all that was done before is taken back. Nothing is written through a link. Errors: `RECAC_PERMISSION_DENIED`, with
 * `details.path`, and `details.restored` false where something could not be taken back.
 */
export function placeFiles({ directory, staged, kept, changes }: FilesToPlace): void {
  const placing = { directory: toBytePath(directory), staged: toBytePath(staged), kept: toBytePath(kept) };
  const undo: (() => void)[] = [];
  let current = '';
  try {
    for (const change of [...changes].sort((one, other) => Number(isRemoved(other)) - Number(isRemoved(one)))) {
      current = change.path;
      if (isRemoved(change)) removeOne({ ...placing, undo }, change);
      else placeOne({ ...placing, undo }, change);
    }
  } catch (error) {
    const failed = undo.reverse().filter((step) => !succeeds(step)).length;
    throw notPlaced(toPathText(current), error, failed === 0);
  }
}

interface Placing {
  readonly directory: string;
  readonly staged: string;
  readonly kept: string;
  readonly undo: (() => void)[];
}

function isRemoved({ newMode }: TreeChange): boolean {
  return newMode === '000000';
}

function removeOne(placing: Placing, { path, oldMode }: TreeChange): void {
  const full = toPathBytes(`${placing.directory}/${path}`);
  if (oldMode === '160000') {
    // A repository that is in it stays.
    succeeds(() => rmdirSync(full));
    return;
  }
  const copy = keep(placing, full);
  unlinkSync(full);
  placing.undo.push(() => move(copy, full));
  for (const above of listAbove(path).toReversed()) {
    const parent = toPathBytes(`${placing.directory}/${above}`);
    if (!succeeds(() => rmdirSync(parent))) return;
    placing.undo.push(() => mkdirSync(parent));
  }
}

function placeOne(placing: Placing, { path, newMode }: TreeChange): void {
  const { directory, staged, undo } = placing;
  const full = toPathBytes(`${directory}/${path}`);
  for (const above of listAbove(path)) makeDirectory(placing, above);
  if (newMode === '160000') {
    makeDirectory(placing, path);
    return;
  }
  const there = look(full);
  const copy = there === undefined || there === 'directory' ? undefined : keep(placing, full);
  if (there === 'directory') {
    rmdirSync(full);
    undo.push(() => mkdirSync(full));
  }
  move(toPathBytes(`${staged}/${path}`), full);
  undo.push(() => (copy === undefined ? unlinkSync(full) : move(copy, full)));
}

function makeDirectory({ directory, undo }: Placing, path: string): void {
  const full = toPathBytes(`${directory}/${path}`);
  const there = look(full);
  if (there === 'other') throw new Error('something else is in the place of a directory');
  if (there === 'directory') return;
  mkdirSync(full);
  undo.push(() => rmdirSync(full));
}

function look(full: Buffer): 'directory' | 'other' | undefined {
  const found = lstatSync(full, { throwIfNoEntry: false });
  return found === undefined ? undefined : found.isDirectory() ? 'directory' : 'other';
}

/** A second name of a file, or a copy where there can be none. */
function keep({ kept, undo }: Placing, full: Buffer): Buffer {
  const copy = toPathBytes(`${kept}/${undo.length}`);
  if (!succeeds(() => linkSync(full, copy))) copyTo(full, copy);
  return copy;
}

/** One rename; over the border of a file system a copy first. */
function move(from: Buffer, to: Buffer): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const draft = Buffer.concat([to, Buffer.from(`.recac-${process.pid}`)]);
    copyTo(from, draft);
    renameSync(draft, to);
  }
}

function copyTo(from: Buffer, to: Buffer): void {
  if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from, { encoding: 'buffer' }), to);
  else copyFileSync(from, to);
}

function succeeds(step: () => void): boolean {
  try {
    step();
    return true;
  } catch {
    return false;
  }
}

function notPlaced(path: string, cause: unknown, restored: boolean): RecacError {
  const { code, message: words } = cause as NodeJS.ErrnoException;
  const done = restored ? 'Nothing was changed' : 'Not all that was changed before could be taken back';
  const message = `${path} cannot be written (${code ?? words}). ${done}. Make it writable and try again.`;
  return new RecacError('RECAC_PERMISSION_DENIED', message, { cause, details: { path, restored } });
}
