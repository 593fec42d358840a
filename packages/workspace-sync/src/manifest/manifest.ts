/** What one path of a tree is. */
export type ManifestEntryType = 'file' | 'directory' | 'link' | 'special';

/** One path of a tree. */
export interface ManifestEntry {
  /** What it is. */
  readonly type: ManifestEntryType;
  /** Permission bits, without set-uid, set-gid and sticky. */
  readonly mode: number;
  /** Bytes of a file's content; 0 for what has none. */
  readonly size: number;
  /**
   * What the file system says of its last change (mtime, ctime, inode), as text that is only compared for being the same: a file that was written to has
   * another one. For directories empty, since they change with what is in them. After `<`: the time until which the file may have been changed, in the
   * words of the environment's `stat`; see {@link untilStamp}.
   */
  readonly stamp: string;
}

/** A tree: paths relative to its root, as bytes, one character each (latin1), with `/` between steps. The root itself is left out. */
export type Manifest = ReadonlyMap<string, ManifestEntry>;

/** What differs between two states of one tree. */
export interface ManifestDifference {
  /** Paths that are new or not what they were, parents first. */
  readonly changed: readonly string[];
  /** Paths that are gone, children first. */
  readonly removed: readonly string[];
}

/** What changed in a tree since an earlier look at it. A path that became another kind of thing is in `changed` only. */
export function compareManifests(before: Manifest, after: Manifest): ManifestDifference {
  const changed: string[] = [];
  for (const [path, entry] of after) if (!isSame(before.get(path), entry)) changed.push(path);
  const removed: string[] = [];
  for (const path of before.keys()) if (!after.has(path)) removed.push(path);
  return { changed: changed.sort(byBytes), removed: removed.sort(byBytes).reverse() };
}

/**
 * The stamp of everything that was changed no later than something else of the same file system, by whose stamp this is made. ctime cannot be set back, so one stamp does
 * for all the files of a transfer that nobody else could touch, and none of them has to be asked for.
 */
export function untilStamp(stamp: string): string {
  return `<${toChangeTime(stamp)}`;
}

/** `2026-01-31 12:00:00.5 +0000 2026-01-31 12:00:00.6 +0000 42`: mtime, ctime, inode. */
function toChangeTime(stamp: string): string {
  return stamp.split(' ').slice(3, 5).join(' ');
}

/** Whether an entry is the one that it was. The mode of a directory does not count, as in git. */
export function isSame(before: ManifestEntry | undefined, after: ManifestEntry | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (before.type === 'directory') return after.type === 'directory';
  if (before.stamp.startsWith('<'))
    return before.type === after.type && toChangeTime(after.stamp) <= before.stamp.slice(1);
  return (
    before.type === after.type &&
    before.mode === after.mode &&
    before.size === after.size &&
    before.stamp === after.stamp
  );
}

function byBytes(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
