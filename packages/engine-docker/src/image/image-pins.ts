import { formatImageReference, parseImageReference } from '@recac/engine-core';
import { isImageId } from './daemon-reference.ts';
import { SharedPulls } from './shared-pulls.ts';

/** What one engine remembers of images: the content that each reference meant the first time, and the pulls that go on. */
export class ImagePins {
  /** The pulls that go on. */
  readonly pulls = new SharedPulls();
  readonly #pinned = new Map<string, string>();
  readonly #seen = new Set<string>();

  /** The reference by digest that a reference was resolved to; the reference itself when it was not. */
  resolve(reference: string, platform?: string): string {
    return this.#pinned.get(toKey(reference, platform)) ?? reference;
  }

  /** Remembers what a reference was resolved to. The first time counts. */
  pin(reference: string, platform: string | undefined, byDigest: string): void {
    const key = toKey(reference, platform);
    if (!this.#pinned.has(key)) this.#pinned.set(key, byDigest);
  }

  /** True the first time a reference is asked about, and again once it was forgotten. */
  isNew(reference: string): boolean {
    const key = toKey(reference);
    const isNew = !this.#seen.has(key);
    this.#seen.add(key);
    return isNew;
  }

  /** Forgets a reference, on every platform: it has been given to another image. */
  forget(reference: string): void {
    this.#seen.delete(toKey(reference));
    for (const key of this.#pinned.keys()) if (key.startsWith(toKey(reference, ''))) this.#pinned.delete(key);
  }
}

/** However it is written: `node` is `docker.io/library/node:latest`. */
function toKey(reference: string, platform = ''): string {
  const whole = isImageId(reference) ? reference : formatImageReference(parseImageReference(reference));
  return `${whole} ${platform}`;
}
