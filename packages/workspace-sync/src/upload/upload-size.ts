import { describeBytes } from '../describe-bytes.ts';
import type { ManifestEntry } from '../manifest/manifest.ts';

/** What an upload would send. */
export interface UploadSize {
  /** Bytes of all files. */
  readonly bytes: number;
  /** Their number, with directories. */
  readonly entries: number;
  /** Where most is, in words: `data (4.1 GiB), …`. */
  readonly largest: string;
  /** The limit that it is above of. */
  readonly limitBytes: number;
}

/** Measures what would be sent. */
export function measure(entries: Iterable<readonly [string, ManifestEntry]>, limitBytes: number): UploadSize {
  const sizes = new Map<string, number>();
  let [bytes, count] = [0, 0];
  for (const [path, { size }] of entries) {
    const top = path.split('/', 1)[0] ?? '';
    sizes.set(top, (sizes.get(top) ?? 0) + size);
    bytes += size;
    count += 1;
  }
  return { bytes, entries: count, largest: describeLargest(sizes), limitBytes };
}

/** A size for people: `1.5 GiB in 300 files, more than the limit of 1.0 GiB; most is in data (1.4 GiB)`. */
export function describeSize({ bytes, entries, largest, limitBytes }: UploadSize): string {
  return `${describeBytes(bytes)} in ${entries} files, more than the limit of ${describeBytes(limitBytes)}; most is in ${largest}`;
}

/** The three entries of the top level that hold most. */
function describeLargest(sizes: ReadonlyMap<string, number>): string {
  const largest = [...sizes].sort(([, one], [, other]) => other - one).slice(0, 3);
  return largest.map(([path, bytes]) => `${Buffer.from(path, 'latin1')} (${describeBytes(bytes)})`).join(', ');
}
