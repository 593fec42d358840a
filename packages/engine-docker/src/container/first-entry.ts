import type { Buffer } from 'node:buffer';

/** What the first entry of an archive is. */
export type FirstEntry =
  | { readonly type: 'file'; readonly content: Buffer }
  | { readonly type: 'link'; readonly target: string };

const blockBytes = 512;

/** The first entry of a tar archive; undefined when it is neither a file nor a link, was cut, or has a link that no plain header holds. */
export function readFirstEntry(archive: Buffer): FirstEntry | undefined {
  for (let start = 0; start + blockBytes <= archive.length; ) {
    const header = archive.subarray(start, start + blockBytes);
    const type = header.toString('latin1', 156, 157);
    const size = toSize(header.toString('latin1', 124, 136));
    if (size === undefined) return undefined;
    const content = archive.subarray(start + blockBytes, start + blockBytes + size);
    if (content.length < size) return undefined;
    if (type === '0' || type === '\0') return { type: 'file', content };
    if (type === '2') return { type: 'link', target: toText(header.subarray(157, 257)) };
    // Times, attributes and other particulars of the entry that follows.
    if (!'xg'.includes(type) || /(^|\n)\d+ (linkpath|size)=/.test(content.toString('latin1'))) return undefined;
    start += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
  }
  return undefined;
}

function toSize(field: string): number | undefined {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(field)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

function toText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}
