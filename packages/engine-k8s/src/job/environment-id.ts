/** What the id of an environment says: which Job, and which of those that had its name. */
export interface EnvironmentAddress {
  /** Namespace of the Job. */
  readonly namespace: string;
  /** Name of the Job. */
  readonly name: string;
  /** Identity of the Job; the precondition of its deletion. */
  readonly uid: string;
}

const shape = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})\/([0-9a-zA-Z-]{1,64})$/;

/** The id of the environment that a Job is: `namespace/name/uid`. No state beside it is needed to find or delete the Job. */
export function toEnvironmentId({ namespace, name, uid }: EnvironmentAddress): string {
  return `${namespace}/${name}/${uid}`;
}

/** Reads an id back; undefined when it is none of ours. */
export function parseEnvironmentId(id: string): EnvironmentAddress | undefined {
  const [, namespace, name, uid] = shape.exec(id) ?? [];
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  return { namespace, name, uid };
}
