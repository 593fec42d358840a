import type { ManifestEntry, ManifestEntryType } from './manifest-entry.ts';
import { PathTable } from './path-table.ts';

/** Bytes of an entry: type (0: nothing is there), mode, size, mtime, ctime, inode. */
export const entryBytes = 33;
const rowsInPiece = 2_048;
const untilFlag = 0x10;
const types: readonly (ManifestEntryType | undefined)[] = [undefined, 'file', 'directory', 'link', 'special'];
/** Sizes have 48 bits. */
const maximumSize = 2 ** 48 - 1;

/**
 * A tree: what is at each path, relative to its root, as bytes, one character each (latin1), with `/` between steps. The root itself is left out. It is iterated with
 * directories before what is in them. Several manifests share the table of their paths, and an entry is 33 bytes of a buffer: a million are no million objects.
 */
export class Manifest {
  /** Rows of the paths. */
  readonly table: PathTable;
  readonly #pieces: (Buffer | undefined)[] = [];
  #size = 0;

  constructor(table: PathTable = new PathTable()) {
    this.table = table;
  }

  /** Number of paths. */
  get size(): number {
    return this.#size;
  }

  /** What is at a path; undefined: nothing. */
  get(path: string): ManifestEntry | undefined {
    const row = this.table.find(path);
    return row === undefined ? undefined : this.getRow(row);
  }

  /** Whether something is at a path. */
  has(path: string): boolean {
    const row = this.table.find(path);
    return row !== undefined && this.#hasRow(row);
  }

  /** Puts an entry at a path. */
  set(path: string, entry: ManifestEntry): void {
    const at = this.#placeToWrite(this.table.add(path));
    if (at.piece[at.offset] === 0) this.#size += 1;
    encode(entry, at.piece, at.offset);
  }

  /** Takes a path out. What is below it stays. */
  delete(path: string): void {
    const row = this.table.find(path);
    if (row === undefined || !this.#hasRow(row)) return;
    const { piece, offset } = this.#placeToWrite(row);
    piece[offset] = 0;
    this.#size -= 1;
  }

  /** Paths and entries, directories before what is in them. */
  *[Symbol.iterator](): Generator<readonly [string, ManifestEntry], void, undefined> {
    for (const row of this.rows()) yield this.#pair(row);
  }

  /** The same, directories after what is in them. */
  *reversed(): Generator<readonly [string, ManifestEntry], void, undefined> {
    for (let number = this.#pieces.length - 1; number >= 0; number -= 1) {
      if (this.#pieces[number] === undefined) continue;
      for (let row = (number + 1) * rowsInPiece - 1; row >= number * rowsInPiece; row -= 1)
        if (this.#hasRow(row)) yield this.#pair(row);
    }
  }

  /** Paths only. */
  *paths(): Generator<string, void, undefined> {
    for (const row of this.rows()) yield this.table.pathOf(row);
  }

  /** Rows that have an entry, in their order. */
  *rows(): Generator<number, void, undefined> {
    for (let number = 0; number < this.#pieces.length; number += 1) {
      if (this.#pieces[number] === undefined) continue;
      for (let row = number * rowsInPiece; row < (number + 1) * rowsInPiece; row += 1) if (this.#hasRow(row)) yield row;
    }
  }

  /** What is at the path of a row. */
  getRow(row: number): ManifestEntry | undefined {
    const piece = this.#pieces[Math.floor(row / rowsInPiece)];
    return piece === undefined ? undefined : decode(piece, (row % rowsInPiece) * entryBytes);
  }

  /** Copies the bytes of an entry, or of none, to where they are written to a file. */
  copyRow(row: number, target: Buffer, at: number): void {
    const piece = this.#pieces[Math.floor(row / rowsInPiece)];
    const offset = (row % rowsInPiece) * entryBytes;
    if (piece === undefined) target.fill(0, at, at + entryBytes);
    else piece.copy(target, at, offset, offset + entryBytes);
  }

  /** Takes the bytes of an entry, or of none, from a file. */
  loadRow(row: number, source: Buffer, at: number): void {
    const { piece, offset } = this.#placeToWrite(row);
    const [before, after] = [piece[offset] === 0 ? 0 : 1, source[at] === 0 ? 0 : 1];
    source.copy(piece, offset, at, at + entryBytes);
    this.#size += after - before;
  }

  #pair(row: number): readonly [string, ManifestEntry] {
    return [this.table.pathOf(row), this.getRow(row) as ManifestEntry];
  }

  #hasRow(row: number): boolean {
    const piece = this.#pieces[Math.floor(row / rowsInPiece)];
    return piece !== undefined && piece[(row % rowsInPiece) * entryBytes] !== 0;
  }

  #placeToWrite(row: number): { readonly piece: Buffer; readonly offset: number } {
    const number = Math.floor(row / rowsInPiece);
    let piece = this.#pieces[number];
    if (piece === undefined) {
      while (this.#pieces.length < number) this.#pieces.push(undefined);
      piece = Buffer.alloc(rowsInPiece * entryBytes);
      this.#pieces[number] = piece;
    }
    return { piece, offset: (row % rowsInPiece) * entryBytes };
  }
}

function encode(entry: ManifestEntry, piece: Buffer, at: number): void {
  piece[at] = types.indexOf(entry.type) | (entry.isUntil ? untilFlag : 0);
  piece.writeUInt16LE(entry.mode & 0o777, at + 1);
  piece.writeUIntLE(Math.min(entry.size, maximumSize), at + 3, 6);
  piece.writeBigInt64LE(BigInt.asIntN(64, entry.modifiedNs), at + 9);
  piece.writeBigInt64LE(BigInt.asIntN(64, entry.changedNs), at + 17);
  piece.writeBigUInt64LE(BigInt.asUintN(64, entry.inode), at + 25);
}

function decode(piece: Buffer, at: number): ManifestEntry | undefined {
  const kind = piece[at] ?? 0;
  const type = types[kind & ~untilFlag];
  if (type === undefined) return undefined;
  return {
    type,
    mode: piece.readUInt16LE(at + 1),
    size: piece.readUIntLE(at + 3, 6),
    modifiedNs: piece.readBigInt64LE(at + 9),
    changedNs: piece.readBigInt64LE(at + 17),
    inode: piece.readBigUInt64LE(at + 25),
    ...(kind & untilFlag ? { isUntil: true } : {}),
  };
}
