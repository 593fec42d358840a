import { type ImageReference, parseImageReference } from '@recac/engine-core';

const idShape = /^sha256:[0-9a-f]{64}$/;

/** True for the id of an image, as `buildImage` gives it: `sha256:` and 64 hexadecimal digits. An id can be started from and never pulled. */
export function isImageId(reference: string): boolean {
  return idShape.test(reference);
}

/**
 * Checks a reference or image id and gives what a daemon is asked for. Of a tag and a digest the digest is kept: it decides. Errors:
 * `RECAC_INVALID_ARGUMENT`, field `image`.
 */
export function toDaemonReference(reference: string): string {
  if (isImageId(reference)) return reference;
  const { tag, digest } = parseImageReference(reference);
  return tag !== undefined && digest !== undefined ? reference.replace(`:${tag}@`, '@') : reference;
}

/** Repository with its registry, as a digest can be appended to it: `docker.io/library/node`. */
export function toRepositoryName({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}
