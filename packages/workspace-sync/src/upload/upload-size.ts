import { describeBytes } from '../describe-bytes.ts';
import type { ManifestEntry } from '../manifest/manifest-entry.ts';

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
export class UploadMeter {
  #bytes = 0;
  #entries = 0;
  /** Of the first step of paths; those with most come first. */
  #largest: readonly Part[] = [];
  #current: Part = { name: '', bytes: 0 };

  /** `entries`: those of which it already knows. Default: none. */
  constructor(entries: Iterable<readonly [string, ManifestEntry]> = []) {
    for (const [path, entry] of entries) this.add(path, entry);
  }

  /** One path, with all that is below the same first step one after the other. */
  add(path: string, { size }: ManifestEntry): void {
    this.#bytes += size;
    this.#entries += 1;
    const slash = path.indexOf('/');
    const name = slash === -1 ? path : path.slice(0, slash);
    if (name !== this.#current.name) {
      this.#largest = this.#rank();
      this.#current = { name, bytes: 0 };
    }
    this.#current = { name, bytes: this.#current.bytes + size };
  }

  /** What it is so far. */
  finish(limitBytes: number): UploadSize {
    const largest = this.#rank().map(({ name, bytes }) => `${Buffer.from(name, 'latin1')} (${describeBytes(bytes)})`);
    return { bytes: this.#bytes, entries: this.#entries, largest: largest.join(', '), limitBytes };
  }

  #rank(): readonly Part[] {
    if (this.#current.name === '' || this.#current.bytes <= (this.#largest[mostParts - 1]?.bytes ?? -1))
      return this.#largest;
    const others = this.#largest.filter(({ name }) => name !== this.#current.name);
    const known = this.#largest.find(({ name }) => name === this.#current.name)?.bytes ?? 0;
    const current = { name: this.#current.name, bytes: this.#current.bytes + known };
    return [...others, current].sort((one, other) => other.bytes - one.bytes).slice(0, mostParts);
  }
}

interface Part {
  readonly name: string;
  readonly bytes: number;
}

/** Entries of the top level that are named. */
const mostParts = 3;

/** A size for people: `1.5 GiB in 300 files, more than the limit of 1.0 GiB; most is in data (1.4 GiB)`. */
export function describeSize({ bytes, entries, largest, limitBytes }: UploadSize): string {
  return `${describeBytes(bytes)} in ${entries} files, more than the limit of ${describeBytes(limitBytes)}; most is in ${largest}`;
}
