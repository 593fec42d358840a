import type { ObjectMetadata } from '../api/object-metadata.ts';

/** What every watched object has. */
export interface WatchedObject {
  /** Identity and version. */
  readonly metadata: Pick<ObjectMetadata, 'uid' | 'resourceVersion'>;
}

/** A change of one object, as the API server tells it. */
export interface ObjectChange<Item> {
  /** What happened; a `MODIFIED` of an object that was not known is told as `ADDED`. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The object after it; for `DELETED` as it was last. */
  readonly object: Item;
}

/** How many identities of deleted objects are remembered: events of them that come late are dropped. */
const rememberedDeletions = 4_096;

/**
 * The objects of one kind, as lists, events and answers to our own calls tell them. Each may come twice, late or in another order: an identity that was deleted
 * never comes back, and a version that is not newer than the known one changes nothing.
 */
export class ObjectTable<Item extends WatchedObject> {
  readonly #items = new Map<string, Item>();
  readonly #deleted = new Set<string>();

  /** All that exist. */
  values(): IterableIterator<Item> {
    return this.#items.values();
  }

  /** The object with an identity; undefined when it is gone, or was never seen. */
  get(uid: string): Item | undefined {
    return this.#items.get(uid);
  }

  /** True when the object was seen and is gone. */
  isDeleted(uid: string): boolean {
    return this.#deleted.has(uid);
  }

  /** Takes one event. Gives what has changed by it; undefined for what was known already. */
  apply({ type, object }: ObjectChange<Item>): ObjectChange<Item> | undefined {
    const { uid, resourceVersion } = object.metadata;
    if (this.#deleted.has(uid)) return undefined;
    const known = this.#items.get(uid);
    if (type === 'DELETED') return this.#delete(object);
    if (known !== undefined && !isNewer(resourceVersion, known.metadata.resourceVersion)) return undefined;
    this.#items.set(uid, object);
    return { type: known === undefined ? 'ADDED' : 'MODIFIED', object };
  }

  /** Takes a whole list of a version. Gives what has changed since the table was true; what came after the list's version stays. */
  replace(objects: readonly Item[], version: string | undefined): readonly ObjectChange<Item>[] {
    const listed = new Set(objects.map(({ metadata }) => metadata.uid));
    const changes = objects.map((object) => this.apply({ type: 'MODIFIED', object }));
    for (const [uid, item] of this.#items) {
      if (listed.has(uid) || isNewer(item.metadata.resourceVersion, version, false)) continue;
      changes.push(this.#delete(item));
    }
    return changes.filter((change) => change !== undefined);
  }

  #delete(object: Item): ObjectChange<Item> {
    const { uid } = object.metadata;
    this.#items.delete(uid);
    this.#deleted.add(uid);
    for (const oldest of this.#deleted) {
      if (this.#deleted.size <= rememberedDeletions) break;
      this.#deleted.delete(oldest);
    }
    return { type: 'DELETED', object };
  }
}

const decimal = /^\d+$/;

/** Resource versions of one kind compare as numbers (Kubernetes API concepts, "resource versions"); where a server's do not, `otherwise` holds. */
function isNewer(one: string | undefined, other: string | undefined, otherwise = one !== other): boolean {
  if (one === undefined || other === undefined || !decimal.test(one) || !decimal.test(other)) return otherwise;
  return one.length === other.length ? one > other : one.length > other.length;
}
