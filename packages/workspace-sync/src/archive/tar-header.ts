import { blockBytes, copiedModeBits, type TarEntry, type TarEntryType } from './tar-entry.ts';
import { badArchive } from './tar-error.ts';

/** A header as it stands in the archive, before long names are put in. */
export interface TarHeader extends TarEntry {
  /** The letter of the type; `L`, `K`, `x` and `g` describe the entry that follows. */
  readonly letter: string;
}

const types: Readonly<Record<string, TarEntryType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardLink',
  '2': 'link',
  '5': 'directory',
};
const letters: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  hardLink: '1',
  link: '2',
  directory: '5',
  special: '6',
};
const notThis = 'Is it a tar archive, not compressed but with gzip?';

/** Reads one block as a header. Errors: `RECAC_INVALID_ARGUMENT` when it is none. */
export function decodeHeader(block: Buffer): TarHeader {
  if (readNumber(block, 148, 8) !== sumOf(block)) throw badArchive('has a damaged header', notThis);
  const letter = block.toString('latin1', 156, 157);
  const name = readText(block, 0, 100);
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? readText(block, 345, 155) : '';
  const fullName = prefix === '' ? name : `${prefix}/${name}`;
  const type = types[letter] ?? 'special';
  const isOldDirectory = type === 'file' && fullName.endsWith('/');
  return {
    letter,
    name: fullName,
    type: isOldDirectory ? 'directory' : type,
    mode: readNumber(block, 100, 8) & copiedModeBits,
    size: readNumber(block, 124, 12),
    modifiedSeconds: readNumber(block, 136, 12),
    linkName: readText(block, 157, 100),
  };
}

/** One entry as header blocks: names that are too long come first, in the way that GNU tar and busybox both read. */
export function encodeHeader(entry: TarEntry): Buffer {
  if (entry.linkName.length <= 100 && entry.name.length <= 100) return encodeBlock(entry, letters[entry.type]);
  const blocks: Buffer[] = [];
  if (entry.linkName.length > 100) blocks.push(encodeLong('K', entry.linkName));
  if (entry.name.length > 100) blocks.push(encodeLong('L', entry.name));
  return Buffer.concat([...blocks, encodeBlock(entry, letters[entry.type])]);
}

/** The zero bytes that fill up a body to whole blocks. */
export function paddingAfter(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

function encodeLong(letter: string, text: string): Buffer {
  const body = Buffer.from(`${text}\0`, 'latin1');
  const described = { name: '././@LongLink', mode: 0, size: body.length, modifiedSeconds: 0, linkName: '' };
  return Buffer.concat([encodeBlock({ ...described, type: 'file' }, letter), body, paddingAfter(body.length)]);
}

function encodeBlock(entry: TarEntry, letter: string): Buffer {
  // From the pool: a buffer of its own for each header of an archive would be as many allocations outside of the heap.
  const block = Buffer.allocUnsafe(blockBytes).fill(0);
  block.write(entry.name.slice(0, 100), 0, 'latin1');
  writeOctal(block, entry.mode & copiedModeBits, 100, 8);
  writeOctal(block, 0, 108, 8);
  writeOctal(block, 0, 116, 8);
  writeSize(block, entry.size);
  writeOctal(block, Math.max(0, Math.floor(entry.modifiedSeconds)), 136, 12);
  block.write(letter, 156, 'latin1');
  block.write(entry.linkName.slice(0, 100), 157, 'latin1');
  block.write('ustar  \0', 257, 'latin1');
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function writeOctal(block: Buffer, value: number, at: number, width: number): void {
  block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
}

function writeSize(block: Buffer, size: number): void {
  if (size < 8 ** 11) {
    writeOctal(block, size, 124, 12);
  } else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
}

function readText(block: Buffer, at: number, width: number): string {
  const field = block.toString('latin1', at, at + width);
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
}

function readNumber(block: Buffer, at: number, width: number): number {
  if (((block[at] ?? 0) & 0x80) !== 0) return readBase256(block.subarray(at, at + width));
  const digits = readText(block, at, width).trim();
  if (!/^[0-7]*$/.test(digits)) throw badArchive('has a damaged header', notThis);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function readBase256(field: Buffer): number {
  if (field[0] === 0xff) return 0;
  const value = BigInt(`0x${field.toString('hex')}`) & ((1n << BigInt(field.length * 8 - 1)) - 1n);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badArchive('has an entry of an impossible size', notThis);
  return Number(value);
}

function sumOf(block: Buffer): number {
  let sum = 8 * 32;
  // An iterator over the bytes would take ten times as long, and this is done for every entry.
  for (let index = 0; index < 148; index += 1) sum += block[index] ?? 0;
  for (let index = 156; index < blockBytes; index += 1) sum += block[index] ?? 0;
  return sum;
}
