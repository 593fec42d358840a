import type { IgnoreRules } from '../ignore/ignore-rules.ts';
import { Manifest } from './manifest.ts';
import { isSame, type ManifestEntry } from './manifest-entry.ts';

/** What differs between two states of one tree. A path that became another kind of thing is in `changed` only. */
export interface ManifestDifference {
  /** What is new or not what it was, as it is now. */
  readonly changed: Manifest;
  /** What is gone, as it was. */
  readonly removed: Manifest;
}

/** Compares a tree with an earlier look at it while it is walked: what is as it was is not kept. */
export class ManifestComparison {
  readonly #before: Manifest;
  readonly #changed: Manifest;
  /** A bit for each row that was there before. */
  readonly #seen: Uint8Array;
  #seenCount = 0;

  constructor(before: Manifest) {
    this.#before = before;
    this.#changed = new Manifest(before.table);
    this.#seen = new Uint8Array(Math.ceil(before.table.size / 8));
  }

  /** One path of the tree as it is now. */
  add(path: string, entry: ManifestEntry): void {
    const row = this.#before.table.find(path);
    const before = row === undefined ? undefined : this.#before.getRow(row);
    if (row !== undefined && before !== undefined) this.#mark(row);
    if (!isSame(before, entry)) this.#changed.set(path, entry);
  }

  /** What differs, once all of the tree was added. `rules`: what the look at it left out, and what is therefore not gone. */
  finish(rules: IgnoreRules): ManifestDifference {
    const removed = new Manifest(this.#before.table);
    if (this.#seenCount < this.#before.size)
      for (const row of this.#before.rows()) {
        const entry = this.#isMarked(row) ? undefined : this.#before.getRow(row);
        if (entry === undefined) continue;
        const path = this.#before.table.pathOf(row);
        if (!rules.ignores(path, entry.type === 'directory')) removed.set(path, entry);
      }
    return { changed: this.#changed, removed };
  }

  #mark(row: number): void {
    if (this.#isMarked(row)) return;
    this.#seen[row >>> 3] = (this.#seen[row >>> 3] ?? 0) | (1 << (row & 7));
    this.#seenCount += 1;
  }

  #isMarked(row: number): boolean {
    return ((this.#seen[row >>> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }
}
