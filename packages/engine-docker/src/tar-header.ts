import { Buffer } from 'node:buffer';

/** One entry of an archive. */
export interface TarEntry {
  /** Path with `/` between its parts; bytes where it may be no text. */
  readonly path: string | Buffer;
  /** What it is. */
  readonly type: 'file' | 'directory' | 'link';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of the content; 0 unless it is a file. */
  readonly size: number;
  /** Time of the last change, in seconds since 1970. */
  readonly modifiedSeconds: number;
  /** Where a link leads. */
  readonly target?: string | Buffer;
}

const blockBytes = 512;
const typeFlags = { file: '0', directory: '5', link: '2' } as const;
const largestOctalSize = 0o77777777777;

/** The header of an entry: ustar, with a PAX header before it where a path or a size does not fit. Owner and group are root. */
export function toTarHeader(entry: TarEntry): Buffer {
  const path = Buffer.concat([Buffer.from(entry.path as string), Buffer.from(entry.type === 'directory' ? '/' : '')]);
  const target = Buffer.from((entry.target ?? '') as string);
  const { size } = entry;
  const records: Record<string, Buffer> = {};
  if (!fits(path)) records.path = path;
  if (!fits(target)) records.linkpath = target;
  if (size > largestOctalSize) records.size = Buffer.from(String(size));
  const header = toBlock({ ...entry, path: clip(path), target: clip(target) }, typeFlags[entry.type]);
  if (Object.keys(records).length === 0) return header;
  const content = Buffer.concat(Object.entries(records).map(([key, value]) => toPaxRecord(key, value)));
  const extension = toBlock({ ...entry, path: 'pax', target: '', size: content.length, mode: 0o644 }, 'x');
  return Buffer.concat([extension, content, toPadding(content.length), header]);
}

/** The zeros that fill the last block of a content. */
export function toPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

/** The end of an archive. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes);

/** A header whose names fit. */
interface PlainEntry extends Pick<TarEntry, 'mode' | 'size' | 'modifiedSeconds'> {
  readonly path: string;
  readonly target: string;
}

function toBlock({ path, mode, size, modifiedSeconds, target }: PlainEntry, type: string): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(path, 0, 100, 'utf8');
  block.write(toOctal(mode & 0o7777, 7), 100, 'latin1');
  block.write(toOctal(0, 7), 108, 'latin1');
  block.write(toOctal(0, 7), 116, 'latin1');
  block.write(toOctal(Math.min(size, largestOctalSize), 11), 124, 'latin1');
  block.write(toOctal(Math.max(0, Math.floor(modifiedSeconds)), 11), 136, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write(target, 157, 100, 'utf8');
  block.write('ustar\0' + '00', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${toOctal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

function toOctal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Readers disagree on other characters in a plain header. */
function fits(text: Buffer): boolean {
  return text.length <= 100 && /^[\x20-\x7e]*$/.test(text.toString('latin1'));
}

function clip(text: Buffer): string {
  return text
    .subarray(0, 100)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '_');
}

/** `<length> key=value\n`, where the length counts itself. */
function toPaxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
