/** Bytes of names in one piece; rows say where their name begins in 32 bits, so 4 096 pieces are the most. */
const pieceBytes = 1_048_576;
const pieceShift = 20;
const lengthBytes = 2;
const rootRow = 0;

/** A name that was not there when it was looked up. */
const missing = -1;

/**
 * Gives each path a number, its row, for ever; a directory has a smaller one than what is in it. A row is the row of the directory and the last step of the path, in a few
 * large buffers: a million paths take about 30 MB, whatever their length, where as many strings in a `Map` take 200 and more.
 */
export class PathTable {
  /** 16-bit lengths, each followed by the name, one byte per character (latin1). */
  readonly #pieces: Buffer[] = [];
  #pieceLength = pieceBytes;
  #names = new Uint32Array(1_024);
  #parents = new Uint32Array(1_024);
  /** Open addressing: rows by the hash of parent and name; 0 is free. */
  #slots = new Uint32Array(4_096);
  #size = 1;
  /** Paths come directory by directory: the last one that was looked up, and the last one that was put together. */
  #found = { path: '', row: rootRow };
  #joined = { path: '', row: rootRow };

  /** Rows, with that of the root, 0. */
  get size(): number {
    return this.#size;
  }

  /** The row of a path; undefined when it has none. */
  find(path: string): number | undefined {
    const row = this.#walk(path, (parent, name) => this.#lookUp(parent, name));
    return row === missing ? undefined : row;
  }

  /** The row of a path, and of the directories above it, which it gets now if it had none. */
  add(path: string): number {
    return this.#walk(path, (parent, name) => {
      const row = this.#lookUp(parent, name);
      return row === missing ? this.addName(parent, name) : row;
    });
  }

  /** A new row for a name that its directory does not have yet. Errors: `RangeError` for a name of more than 65 535 bytes. */
  addName(parent: number, name: string): number {
    if (this.#size * 4 > this.#slots.length * 3) this.#growSlots();
    if (this.#size === this.#names.length) this.#growRows();
    const row = this.#size;
    this.#names[row] = this.#store(name);
    this.#parents[row] = parent;
    this.#size += 1;
    this.#slots[this.#freeSlot(hash(parent, name))] = row;
    return row;
  }

  /** The path of a row. */
  pathOf(row: number): string {
    const parent = this.parentOf(row);
    if (parent === rootRow) return this.nameOf(row);
    if (this.#joined.row !== parent) this.#joined = { path: this.#join(parent), row: parent };
    return `${this.#joined.path}/${this.nameOf(row)}`;
  }

  /** The row of the directory that a row is in. */
  parentOf(row: number): number {
    return this.#parents[row] ?? rootRow;
  }

  /** The last step of the path of a row. */
  nameOf(row: number): string {
    const { piece, at, length } = this.#place(row);
    return piece.toString('latin1', at, at + length);
  }

  #join(row: number): string {
    const steps: string[] = [];
    for (let at = row; at !== rootRow; at = this.parentOf(at)) steps.push(this.nameOf(at));
    return steps.reverse().join('/');
  }

  #walk(path: string, step: (parent: number, name: string) => number): number {
    const slash = path.lastIndexOf('/');
    if (slash === -1) return step(rootRow, path);
    const directory = path.slice(0, slash);
    if (this.#found.path !== directory) {
      let row = rootRow;
      for (const name of directory.split('/')) {
        row = step(row, name);
        if (row === missing) return missing;
      }
      this.#found = { path: directory, row };
    }
    return step(this.#found.row, path.slice(slash + 1));
  }

  #lookUp(parent: number, name: string): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash(parent, name) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] ?? 0;
      if (row === 0) return missing;
      if (this.#parents[row] === parent && this.#isName(row, name)) return row;
    }
  }

  #isName(row: number, name: string): boolean {
    const { piece, at, length } = this.#place(row);
    if (length !== name.length) return false;
    for (let index = 0; index < length; index += 1) if (piece[at + index] !== name.charCodeAt(index)) return false;
    return true;
  }

  #place(row: number): { readonly piece: Buffer; readonly at: number; readonly length: number } {
    const start = this.#names[row] ?? 0;
    const piece = this.#pieces[start >>> pieceShift];
    if (piece === undefined) throw new RangeError(`there is no row ${row}`);
    const at = start & (pieceBytes - 1);
    return { piece, at: at + lengthBytes, length: piece.readUInt16LE(at) };
  }

  #store(name: string): number {
    const needed = lengthBytes + name.length;
    if (name.length > 0xff_ff) throw new RangeError('a name has more than 65 535 bytes');
    if (this.#pieceLength + needed > pieceBytes) {
      this.#pieces.push(Buffer.allocUnsafeSlow(pieceBytes));
      this.#pieceLength = 0;
    }
    const last = this.#pieces.length - 1;
    const at = this.#pieceLength;
    const piece = this.#pieces[last] as Buffer;
    piece.writeUInt16LE(name.length, at);
    piece.write(name, at + lengthBytes, 'latin1');
    this.#pieceLength += needed;
    return ((last << pieceShift) | at) >>> 0;
  }

  #growRows(): void {
    const { length } = this.#names;
    const [names, parents] = [new Uint32Array(length * 2), new Uint32Array(length * 2)];
    names.set(this.#names);
    parents.set(this.#parents);
    this.#names = names;
    this.#parents = parents;
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let row = 1; row < this.#size; row += 1)
      this.#slots[this.#freeSlot(hash(this.parentOf(row), this.nameOf(row)))] = row;
  }

  #freeSlot(hashed: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashed & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }
}

/** FNV-1a of a name, begun with the row of its directory. */
function hash(parent: number, name: string): number {
  let value = Math.imul(parent ^ 0x81_1c_9d_c5, 0x9e_37_79_b1);
  for (let index = 0; index < name.length; index += 1) value = Math.imul(value ^ name.charCodeAt(index), 0x01_00_01_93);
  return (value ^ (value >>> 15)) >>> 0;
}
