import type { ManifestEntry } from './manifest-entry.ts';

/** mode, size, mtime, ctime, inode, and the beginning of the path, which may hold anything. */
const line = /^([0-9a-f]+) (\d+) (\S+ \S+) \S+ (\S+ \S+) \S+ (\d+) \.(?:\/|$)/;
/** The longest line that is one: a path has 4 096 bytes, and may be given by a program that is not trusted. */
const longestRecord = 65_536;

/**
 * Reads what `stat -c '%f %s %y %z %i %n'` prints, in pieces as they come. A line that begins like no entry belongs to the name before it. What leads outside, or
 * is no path, is left out.
 */
export class ManifestParser {
  readonly #visit: (path: string, entry: ManifestEntry) => void;
  /** The end of the last piece, which is no whole line yet. */
  #rest = '';
  /** Lines of an entry that may go on. */
  #record = '';

  constructor(visit: (path: string, entry: ManifestEntry) => void) {
    this.#visit = visit;
  }

  /** The next piece of output; it is not kept. */
  add(piece: Uint8Array): void {
    const text = this.#rest + Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1');
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#addLine(text.slice(start, end));
      start = end + 1;
    }
    this.#rest = text.length - start > longestRecord ? '' : text.slice(start);
  }

  /** Nothing more comes. A line without an end does not count. */
  finish(): void {
    this.#endRecord();
    this.#rest = '';
  }

  #addLine(text: string): void {
    if (line.test(text)) {
      this.#endRecord();
      this.#record = text;
    } else if (this.#record !== '' && this.#record.length < longestRecord) {
      this.#record += `\n${text}`;
    }
  }

  #endRecord(): void {
    const match = line.exec(this.#record);
    const path = this.#record.slice(match?.[0].length ?? 0);
    this.#record = '';
    if (match === null || !isInside(path)) return;
    this.#visit(path, toEntry(match));
  }
}

function isInside(path: string): boolean {
  return path !== '' && path.split('/').every((step) => step !== '' && step !== '..' && step !== '.');
}

const types: ReadonlyMap<number, ManifestEntry['type']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
]);

function toEntry([, status = '0', size, modified = '', changed = '', inode = '0']: RegExpExecArray): ManifestEntry {
  const bits = Number.parseInt(status, 16);
  const type = types.get(bits & 0o170000) ?? 'special';
  const mode = bits & 0o777;
  if (type === 'directory') return { type, mode, size: 0, modifiedNs: 0n, changedNs: 0n, inode: 0n };
  const [modifiedNs, changedNs] = [toNanoseconds(modified), toNanoseconds(changed)];
  return { type, mode, size: type === 'file' ? Number(size) : 0, modifiedNs, changedNs, inode: BigInt(inode) };
}

/** `2026-01-31 12:00:00.5`, in UTC, as nanoseconds since 1970; 0 for what is no time. */
function toNanoseconds(time: string): bigint {
  const dot = time.indexOf('.');
  const whole = dot === -1 ? time : time.slice(0, dot);
  const milliseconds = Date.parse(`${whole.replace(' ', 'T')}Z`);
  if (Number.isNaN(milliseconds)) return 0n;
  const fraction = dot === -1 ? '0' : time.slice(dot + 1, dot + 10).padEnd(9, '0');
  return BigInt(milliseconds) * 1_000_000n + (/^\d+$/.test(fraction) ? BigInt(fraction) : 0n);
}
