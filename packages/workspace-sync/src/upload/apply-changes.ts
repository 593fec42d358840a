import { mkdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { toBytePath } from '../byte-path.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { isSame } from '../manifest/manifest-entry.ts';
import { scanPath, toPathBytes } from '../manifest/scan-path.ts';
import { isSameFile } from './is-same-file.ts';

/** Changes of the environment that lie ready on this machine. */
export interface FetchedChanges {
  /** Directory of this machine that gets them, absolute. */
  readonly directory: string;
  /** Directory with the files and links that were fetched, on the same file system. */
  readonly staged: string;
  /** What is new or changed there. */
  readonly entries: Manifest;
  /** What is gone there. */
  readonly removed: Manifest;
  /** What this machine had when both sides were the same. */
  readonly base: Manifest;
  /** Ends the names of files that are kept beside: `<path>.<suffix>`. */
  readonly suffix: string;
}

/** What became of one of them. */
export type AppliedAs =
  /** The path is now as in the environment. */
  | 'changed'
  /** It was removed. */
  | 'removed'
  /** This machine had changed it in the same way before. */
  | 'agreed'
  /** This machine changed it as well: it keeps its own, the environment's version lies beside. */
  | 'conflict'
  /** This machine removed it: it is there again. */
  | 'restored'
  /** Nothing was done: it is special, or did not come, or is a directory that holds something of this machine's own. */
  | 'left';

/**
 * Brings changes of the environment into a directory of this machine. What this machine did not change since becomes as it is there, file by file, each by one
 * rename; what it changed as well stays, and the environment's version is put beside. Nothing is written or removed through a link. Errors: the system's.
 */
export function* applyChanges(changes: FetchedChanges): Generator<readonly [string, AppliedAs], void, undefined> {
  const applying = { ...changes, parents: new CheckedParents(changes.directory) };
  for (const [path] of changes.removed.reversed()) yield [path, removeOne(applying, path)];
  for (const [path, { type }] of changes.entries) {
    if (type === 'directory') yield [path, makeDirectory(applying, path)];
    else yield [path, type === 'special' ? 'left' : placeOne(applying, path)];
  }
}

interface Applying extends FetchedChanges {
  readonly parents: CheckedParents;
}

function removeOne({ directory, base, parents }: Applying, path: string): AppliedAs {
  const full = `${toBytePath(directory)}/${path}`;
  const here = parents.leadThroughLink(path) ? undefined : scanPath(full);
  if (here === undefined) return 'agreed';
  if (here.type === 'directory') return removeEmptyDirectory(full) ? 'removed' : 'left';
  if (!isSame(base.get(path), here)) return 'conflict';
  unlinkSync(toPathBytes(full));
  return 'removed';
}

/** Gives false for a directory that holds something of this machine's own. */
function removeEmptyDirectory(full: string): boolean {
  try {
    rmdirSync(toPathBytes(full));
    return true;
  } catch {
    return false;
  }
}

function makeDirectory({ directory, base, parents }: Applying, path: string): AppliedAs {
  const full = `${toBytePath(directory)}/${path}`;
  if (parents.leadThroughLink(path)) return 'conflict';
  const here = scanPath(full);
  if (here?.type === 'directory') return 'agreed';
  if (here !== undefined) {
    if (!isSame(base.get(path), here)) return 'conflict';
    unlinkSync(toPathBytes(full));
  }
  makeParents(directory, path);
  mkdirSync(toPathBytes(full));
  return 'changed';
}

function placeOne({ directory, staged, base, suffix, parents }: Applying, path: string): AppliedAs {
  const from = `${toBytePath(staged)}/${path}`;
  if (scanPath(from) === undefined) return 'left';
  const full = `${toBytePath(directory)}/${path}`;
  const isBlocked = parents.leadThroughLink(path);
  const before = base.get(path);
  if (!isBlocked && before?.type === 'directory') removeEmptyDirectory(full);
  const here = isBlocked ? undefined : scanPath(full);
  const isClean = !isBlocked && here?.type !== 'directory' && isSame(before, here);
  if (isClean || (!isBlocked && here === undefined)) {
    makeParents(directory, path);
    renameSync(toPathBytes(from), toPathBytes(full));
    return here === undefined && before !== undefined && before.type !== 'directory' ? 'restored' : 'changed';
  }
  if (here !== undefined && isSameFile(from, full)) return 'agreed';
  keepBeside(from, `${toBytePath(directory)}/${isBlocked ? path.replaceAll('/', '_') : path}`, suffix);
  return 'conflict';
}

/** Puts a file under the first free name of `<path>.<suffix>`, `<path>.<suffix>.2`, … */
function keepBeside(from: string, path: string, suffix: string): void {
  for (let count = 1; ; count += 1) {
    const target = `${path}.${toBytePath(suffix)}${count === 1 ? '' : `.${count}`}`;
    if (scanPath(target) !== undefined) continue;
    mkdirSync(toPathBytes(target.slice(0, target.lastIndexOf('/'))), { recursive: true });
    renameSync(toPathBytes(from), toPathBytes(target));
    return;
  }
}

/** Looks at the directories above paths. What is done to a path changes none of those above it, so paths of one directory need one look. */
class CheckedParents {
  readonly #root: string;
  #last = { parent: '', leads: false };

  constructor(directory: string) {
    this.#root = toBytePath(directory);
  }

  /** Whether a directory above the path is a link, or no directory, on this machine. */
  leadThroughLink(path: string): boolean {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (parent !== this.#last.parent) this.#last = { parent, leads: this.#look(parent) };
    return this.#last.leads;
  }

  #look(parent: string): boolean {
    for (let end = parent.indexOf('/'); ; end = parent.indexOf('/', end + 1)) {
      const entry = scanPath(`${this.#root}/${end === -1 ? parent : parent.slice(0, end)}`);
      if (entry === undefined) return false;
      if (entry.type !== 'directory') return true;
      if (end === -1) return false;
    }
  }
}

function makeParents(directory: string, path: string): void {
  const slash = path.lastIndexOf('/');
  if (slash !== -1) mkdirSync(toPathBytes(`${toBytePath(directory)}/${path.slice(0, slash)}`), { recursive: true });
}
