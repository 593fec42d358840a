/** Metadata that Kubernetes objects have in common; only what we read. */
export interface ObjectMetadata {
  /** Name, unique in the namespace among objects of the kind. */
  readonly name: string;
  /** Namespace. */
  readonly namespace?: string;
  /** Identity: a later object of the same name has another. */
  readonly uid: string;
  /** Version of the object, opaque. */
  readonly resourceVersion?: string;
  /** When it was made, RFC 3339, by the server's clock. */
  readonly creationTimestamp?: string;
  /** Set while it is being deleted. */
  readonly deletionTimestamp?: string;
  /** Who must still do something before it can go. */
  readonly finalizers?: readonly string[];
  /** Labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Media type of a list that carries only the metadata of its objects, not all of them. */
export const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
