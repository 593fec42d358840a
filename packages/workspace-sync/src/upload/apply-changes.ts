import { lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { isSame, type Manifest, type ManifestEntry } from '../manifest/manifest.ts';
import { scanPath, toPathBytes } from '../manifest/scan-directory.ts';

/** Changes of the environment that lie ready on this machine. */
export interface FetchedChanges {
  /** Directory of this machine that gets them, absolute. */
  readonly directory: string;
  /** Directory with the files and links that were fetched, on the same file system. */
  readonly staged: string;
  /** New and changed paths, parents first. */
  readonly entries: readonly (readonly [string, ManifestEntry])[];
  /** Paths that are gone in the environment, children first. */
  readonly removed: readonly string[];
  /** What this machine had when both sides were the same. */
  readonly base: Manifest;
  /** Ends the names of files that are kept beside: `<path>.<suffix>`. */
  readonly suffix: string;
}

/** What became of them. */
export interface AppliedChanges {
  /** Paths that are now as in the environment. */
  readonly changed: readonly string[];
  /** Paths that were removed. */
  readonly removed: readonly string[];
  /** Paths that this machine had changed in the same way before. */
  readonly agreed: readonly string[];
  /** Paths that this machine changed as well: it keeps its own, the environment's version lies beside. One that it removed is there again. */
  readonly conflicts: readonly string[];
}

/**
 * Brings changes of the environment into a directory of this machine. What this machine did not change since becomes as it is there, file by file, each by one
 * rename; what it changed as well stays, and the environment's version is put beside. Nothing is written or removed through a link. Errors: the system's.
 */
export function applyChanges(changes: FetchedChanges): AppliedChanges {
  const applied = {
    changed: [] as string[],
    removed: [] as string[],
    agreed: [] as string[],
    conflicts: [] as string[],
  };
  for (const path of changes.removed) removeOne(changes, path, applied);
  for (const [path, entry] of changes.entries) {
    if (entry.type === 'directory') makeDirectory(changes, path, applied);
    else if (entry.type !== 'special') placeOne(changes, path, applied);
  }
  return applied;
}

type Applied = { readonly [Key in keyof AppliedChanges]: string[] };

function removeOne({ directory, base }: FetchedChanges, path: string, { removed, agreed, conflicts }: Applied): void {
  const full = `${toLatin1(directory)}/${path}`;
  const here = leadsThroughLink(directory, path) ? undefined : scanPath(full);
  if (here === undefined) {
    agreed.push(path);
    return;
  }
  if (here.type === 'directory') {
    if (removeEmptyDirectory(full)) removed.push(path);
    return;
  }
  if (!isSame(base.get(path), here)) {
    conflicts.push(path);
    return;
  }
  unlinkSync(toPathBytes(full));
  removed.push(path);
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

function makeDirectory(
  { directory, base }: FetchedChanges,
  path: string,
  { changed, agreed, conflicts }: Applied,
): void {
  const full = `${toLatin1(directory)}/${path}`;
  if (leadsThroughLink(directory, path)) {
    conflicts.push(path);
    return;
  }
  const here = scanPath(full);
  if (here?.type === 'directory') {
    agreed.push(path);
    return;
  }
  if (here !== undefined) {
    if (!isSame(base.get(path), here)) {
      conflicts.push(path);
      return;
    }
    unlinkSync(toPathBytes(full));
  }
  makeParents(directory, path);
  mkdirSync(toPathBytes(full));
  changed.push(path);
}

function placeOne(changes: FetchedChanges, path: string, { changed, agreed, conflicts }: Applied): void {
  const { directory, staged, base, suffix } = changes;
  const from = `${toLatin1(staged)}/${path}`;
  if (scanPath(from) === undefined) return;
  const full = `${toLatin1(directory)}/${path}`;
  const isBlocked = leadsThroughLink(directory, path);
  if (!isBlocked && base.get(path)?.type === 'directory') removeEmptyDirectory(full);
  const here = isBlocked ? undefined : scanPath(full);
  const isClean = !isBlocked && here?.type !== 'directory' && isSame(base.get(path), here);
  const wasDirectory = base.get(path)?.type === 'directory';
  const wasRemovedHere = here === undefined && base.has(path) && !wasDirectory;
  if (isClean || (!isBlocked && here === undefined)) {
    makeParents(directory, path);
    renameSync(toPathBytes(from), toPathBytes(full));
    changed.push(path);
    if (wasRemovedHere) conflicts.push(path);
    return;
  }
  if (here !== undefined && isSameContent(from, full)) {
    agreed.push(path);
    return;
  }
  conflicts.push(path);
  keepBeside(from, `${toLatin1(directory)}/${isBlocked ? path.replaceAll('/', '_') : path}`, suffix);
}

/** Puts a file under the first free name of `<path>.<suffix>`, `<path>.<suffix>.2`, … */
function keepBeside(from: string, path: string, suffix: string): void {
  for (let count = 1; ; count += 1) {
    const target = `${path}.${toLatin1(suffix)}${count === 1 ? '' : `.${count}`}`;
    if (scanPath(target) !== undefined) continue;
    mkdirSync(toPathBytes(target.slice(0, target.lastIndexOf('/'))), { recursive: true });
    renameSync(toPathBytes(from), toPathBytes(target));
    return;
  }
}

function isSameContent(one: string, other: string): boolean {
  const [first, second] = [lstatSync(toPathBytes(one)), lstatSync(toPathBytes(other))];
  if (first.isSymbolicLink() && second.isSymbolicLink())
    return readlinkSync(toPathBytes(one)) === readlinkSync(toPathBytes(other));
  if (!first.isFile() || !second.isFile() || first.size !== second.size || first.size > 64 * 1_048_576) return false;
  return (
    (first.mode & 0o777) === (second.mode & 0o777) &&
    readFileSync(toPathBytes(one)).equals(readFileSync(toPathBytes(other)))
  );
}

/** Whether a directory above the path is a link, or no directory, on this machine. */
function leadsThroughLink(directory: string, path: string): boolean {
  const steps = path.split('/').slice(0, -1);
  return steps.some((_, index) => {
    const parent = scanPath(`${toLatin1(directory)}/${steps.slice(0, index + 1).join('/')}`);
    return parent !== undefined && parent.type !== 'directory';
  });
}

function makeParents(directory: string, path: string): void {
  const slash = path.lastIndexOf('/');
  if (slash !== -1) mkdirSync(toPathBytes(`${toLatin1(directory)}/${path.slice(0, slash)}`), { recursive: true });
}

function toLatin1(path: string): string {
  return Buffer.from(path).toString('latin1');
}
