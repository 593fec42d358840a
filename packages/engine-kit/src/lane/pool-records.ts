import { type ExecAddress, toSegment } from './exec-address.ts';

/** Which segments of a pool hold a record that somebody may still want. */
export class PoolRecords {
  /** Records whose result nobody has collected, by segment. */
  readonly #kept = new Map<string, number>();
  /** Numbers of the others, by segment. */
  readonly #collected = new Map<string, Set<number>>();
  /** Segments that a lane writes to. */
  readonly #current = new Set<string>();
  readonly #forgettable = new Set<string>();

  /** How many segments can be removed. */
  get forgettable(): number {
    return this.#forgettable.size;
  }

  /** A lane is about to write a record to a segment. */
  begin(segment: string): void {
    this.#current.add(segment);
    this.#kept.set(segment, (this.#kept.get(segment) ?? 0) + 1);
  }

  /** The result of a record has been collected: it may go, with the others of its segment. */
  collect(segment: string, number: number): void {
    this.#collected.set(segment, (this.#collected.get(segment) ?? new Set()).add(number));
    const kept = (this.#kept.get(segment) ?? 1) - 1;
    if (kept > 0) {
      this.#kept.set(segment, kept);
      return;
    }
    this.#kept.delete(segment);
    if (!this.#current.has(segment)) this.#forget(segment);
  }

  /** No lane writes to a segment any more. */
  retire(segment: string): void {
    this.#current.delete(segment);
    if (!this.#kept.has(segment)) this.#forget(segment);
  }

  /** True when the result of a record has been collected: it is still in its segment, but nobody's concern. */
  isCollected(address: ExecAddress): boolean {
    const segment = toSegment(address);
    return this.#forgettable.has(segment) || (this.#collected.get(segment)?.has(address.number) ?? false);
  }

  /** The segments that can be removed, once. */
  takeForgettable(): readonly string[] {
    const segments = [...this.#forgettable];
    this.#forgettable.clear();
    return segments;
  }

  #forget(segment: string): void {
    this.#collected.delete(segment);
    this.#forgettable.add(segment);
  }
}
