/** Bytes of a block: headers are one, bodies are padded to whole ones. */
export const blockBytes = 512;

/** What an entry of an archive is. `special`: a device, a FIFO and whatever else has no content to copy. */
export type TarEntryType = 'file' | 'directory' | 'link' | 'hardLink' | 'special';

/** One entry of an archive. Names are bytes, one character each (latin1), because file names are no text. */
export interface TarEntry {
  /** Path in the archive. */
  readonly name: string;
  /** What it is. */
  readonly type: TarEntryType;
  /** Permission bits, without set-uid, set-gid and sticky. */
  readonly mode: number;
  /** Bytes of the body; 0 but for files. */
  readonly size: number;
  /** Time of the last change, in seconds. */
  readonly modifiedSeconds: number;
  /** Target of a link, a path in the archive for a hard link; else empty. */
  readonly linkName: string;
}

/** The bits of a mode that are copied. */
export const copiedModeBits = 0o777;
