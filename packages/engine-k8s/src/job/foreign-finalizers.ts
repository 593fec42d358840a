import type { ObjectMetadata } from '../api/object-metadata.ts';

/** Those of Kubernetes itself are not what somebody must lift. */
const ownFinalizers = /^(foregroundDeletion|orphan|batch\.kubernetes\.io\/.*)$/;

/** The finalizers of an object that somebody must lift before it can go. */
export function toForeignFinalizers({ finalizers = [] }: Pick<ObjectMetadata, 'finalizers'>): readonly string[] {
  return finalizers.filter((name) => !ownFinalizers.test(name));
}
