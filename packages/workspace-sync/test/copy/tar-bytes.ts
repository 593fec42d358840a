import type { TarEntry } from '../../src/archive/tar-entry.ts';
import { encodeHeader, paddingAfter } from '../../src/archive/tar-header.ts';

/** An entry with defaults, and a body. */
export type Member = Partial<TarEntry> & { readonly body?: string };

/** An archive of members, as bytes. */
export function toTar(members: readonly Member[]): Buffer {
  const blocks = members.map(({ body = '', ...entry }) => {
    const bytes = Buffer.from(body);
    const whole: TarEntry = {
      name: 'a',
      type: 'file',
      mode: 0o644,
      modifiedSeconds: 1_000_000,
      linkName: '',
      size: bytes.length,
      ...entry,
    };
    return Buffer.concat([encodeHeader(whole), bytes, paddingAfter(bytes.length)]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1_024)]);
}

/** Bytes as a stream of pieces of a length. */
export async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}
