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
  /** mtime in nanoseconds since 1970; 0 for directories, which change with what is in them. */
  readonly modifiedNs: bigint;
  /** ctime in nanoseconds since 1970; 0 for directories. A file that was written to, or had its mtime set, has a later one. */
  readonly changedNs: bigint;
  /** Inode; 0 for directories. */
  readonly inode: bigint;
  /** Only `type` and `changedNs` count, and that is the latest time at which it may have been changed; see {@link untilChange}. Default: false. */
  readonly isUntil?: boolean;
}

/**
 * The entry for everything that was changed no later than something else of the same file system. ctime cannot be set back, so one stamp does
 * for all the files of a transfer that nobody else could touch, and none of them has to be asked for.
 */
export function untilChange({ type, mode, size }: ManifestEntry, last: ManifestEntry): ManifestEntry {
  const { changedNs } = last;
  return { type, mode, size, modifiedNs: 0n, changedNs, inode: 0n, isUntil: true };
}

/** Whether an entry is the one that it was. The mode of a directory does not count, as in git. */
export function isSame(before: ManifestEntry | undefined, after: ManifestEntry | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (before.type !== after.type) return false;
  if (before.type === 'directory') return true;
  if (before.isUntil) return after.changedNs <= before.changedNs;
  return (
    before.changedNs === after.changedNs &&
    before.modifiedNs === after.modifiedNs &&
    before.inode === after.inode &&
    before.size === after.size &&
    before.mode === after.mode
  );
}
