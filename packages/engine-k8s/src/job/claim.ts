import { type EnvironmentSpec, RecacError, toEnvironmentName } from '@recac/engine-core';
import type { ObjectMetadata } from '../api/object-metadata.ts';
import { fromJobMetadata } from './job-labels.ts';
import type { OwnerReference } from './job-object.ts';
import { hasEnded } from './pod.ts';

/** A PersistentVolumeClaim as the API server shows it; only what we read. */
export interface Claim {
  /** Name and identity. */
  readonly metadata: ObjectMetadata;
  /** What was asked for. */
  readonly spec?: {
    /** How its volume may be mounted. */
    readonly accessModes?: readonly string[];
  };
  /** What there is. */
  readonly status?: {
    /** `Pending` until it has a volume, which may be when its first pod has a node. */
    readonly phase?: 'Pending' | 'Bound' | 'Lost';
  };
}

/** A pod, as far as it tells which claims it uses and where. */
export interface ClaimUser {
  /** Whose it is. */
  readonly metadata: ObjectMetadata & { readonly ownerReferences?: readonly OwnerReference[] };
  /** What it mounts. */
  readonly spec?: {
    /** The node, once there is one. */
    readonly nodeName?: string;
    /** Volumes. */
    readonly volumes?: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
    /** Containers. */
    readonly containers?: readonly {
      readonly volumeMounts?: readonly { readonly name: string; readonly subPath?: string }[];
    }[];
  };
  /** How it is. */
  readonly status?: { readonly phase?: string };
}

/** The workspace of a specification where it is on a claim. */
export type ClaimMount = Extract<EnvironmentSpec['workspace'], { readonly type: 'persistentVolumeClaim' }>;

/** Whether pods on several nodes may use a claim. */
export function isForManyNodes({ spec }: Claim): boolean {
  return spec?.accessModes?.includes('ReadWriteMany') === true;
}

/** Gives a claim that pods can work on. Errors: `RECAC_WORKSPACE_UNAVAILABLE`. */
export function checkClaim(claim: Claim | undefined, { claimName }: ClaimMount, namespace: string): Claim {
  const refuse = (reason: string, problem: string): RecacError =>
    new RecacError('RECAC_WORKSPACE_UNAVAILABLE', `the PersistentVolumeClaim ${claimName} ${problem}`, {
      details: { reason, claimName, namespace, phase: 'admit' },
    });
  if (claim === undefined)
    throw refuse(
      'ClaimMissing',
      `does not exist in namespace ${namespace}. Create it, or correct kubernetes.pvc_name.`,
    );
  if (claim.metadata.deletionTimestamp !== undefined)
    throw refuse('ClaimDeleting', 'is being deleted, which ends when no pod uses it any more. Use another.');
  if (claim.status?.phase === 'Lost')
    throw refuse('ClaimLost', 'has lost its volume. Use another; kubectl describe pvc says more.');
  const modes = claim.spec?.accessModes ?? [];
  if (modes.length > 0 && modes.every((mode) => mode === 'ReadOnlyMany'))
    throw refuse('ClaimReadOnly', 'can only be read (ReadOnlyMany). Use one with ReadWriteOnce or ReadWriteMany.');
  return claim;
}

/** Who uses a claim when an environment is to be placed on it. */
export interface ClaimPlacement {
  /** The session of the environment: what is its own is not in its way. */
  readonly sessionId: string;
  /** Pods. */
  readonly pods: readonly ClaimUser[];
  /** Those of our Jobs that are still to come. */
  readonly coming: readonly ClaimUser[];
}

/**
 * Where an environment on a claim must run: the node where the others that use it are; undefined where any will do, and for a claim that may not be read. Errors:
 * `RECAC_WORKSPACE_CONFLICT` when the claim is for one pod (`ReadWriteOncePod`) and another has it, or another session works in the same directory of it, or is about to.
 */
export function placeOnClaim(
  claim: Claim | undefined,
  mount: ClaimMount,
  { sessionId, pods, coming }: ClaimPlacement,
): string | undefined {
  const name = toEnvironmentName(sessionId);
  const isOther = (user: ClaimUser): boolean =>
    volumesOf(user, mount).length > 0 && fromJobMetadata(user.metadata)?.name !== name;
  const users = pods.filter((pod) => isAlive(pod) && isOther(pod));
  const [first] = users;
  if (claim?.spec?.accessModes?.includes('ReadWriteOncePod') && first)
    throw inUse(`${mount.claimName} is for one pod at a time (ReadWriteOncePod), and ${first.metadata.name} has it`);
  const sharer = [...users, ...coming.filter(isOther)].find(
    (user) => fromJobMetadata(user.metadata) && overlaps(user, mount),
  );
  if (sharer) throw directoryInUse(mount, fromJobMetadata(sharer.metadata)?.sessionId ?? '');
  if (claim === undefined || isForManyNodes(claim)) return undefined;
  const nodes = new Set(users.map(({ spec }) => spec?.nodeName).filter((node) => node !== undefined));
  return nodes.size === 1 ? [...nodes][0] : undefined;
}

/** A pod of ours that works in the same directory of a claim and is being deleted, but has not ended as far as anybody knows: it may still write. */
export function findEnding(mount: ClaimMount, pods: readonly ClaimUser[]): ClaimUser | undefined {
  return pods.find(
    (pod) =>
      pod.metadata.deletionTimestamp !== undefined &&
      !hasEnded(pod) &&
      fromJobMetadata(pod.metadata) !== undefined &&
      overlaps(pod, mount),
  );
}

/** The refusal of a directory in which a pod that is being deleted may still write. */
export function stillEnding({ claimName }: ClaimMount, { metadata, spec }: ClaimUser): RecacError {
  const { name, namespace = '' } = metadata;
  const node = spec?.nodeName ?? '';
  const message = `the pod ${name} may still write to the same directory of the PersistentVolumeClaim ${claimName}: it is being deleted, but its node ${node} does not confirm the end. Look at the node; once nothing can run there any more, kubectl delete pod ${name} --namespace ${namespace} --force.`;
  return new RecacError('RECAC_WORKSPACE_CONFLICT', message, {
    details: { reason: 'ClaimInUse', phase: 'admit', pod: name, node },
  });
}

function isAlive(pod: ClaimUser): boolean {
  return pod.metadata.deletionTimestamp === undefined && !hasEnded(pod);
}

function volumesOf({ spec }: ClaimUser, { claimName }: ClaimMount): readonly string[] {
  const volumes = spec?.volumes ?? [];
  return volumes.filter((volume) => volume.persistentVolumeClaim?.claimName === claimName).map((volume) => volume.name);
}

/** True when a pod sees a directory of a claim, one inside or one above. */
export function overlaps(pod: ClaimUser, mount: ClaimMount): boolean {
  const volumes = new Set(volumesOf(pod, mount));
  const mounts = (pod.spec?.containers ?? []).flatMap(({ volumeMounts = [] }) => volumeMounts);
  const ours = toPrefix(mount.subPath);
  return mounts
    .filter(({ name }) => volumes.has(name))
    .map(({ subPath }) => toPrefix(subPath))
    .some((theirs) => theirs.startsWith(ours) || ours.startsWith(theirs));
}

function toPrefix(subPath = ''): string {
  const parts = subPath.split('/').filter((part) => part !== '' && part !== '.');
  return parts.map((part) => `${part}/`).join('');
}

/** The refusal of a directory that another session has. */
export function directoryInUse({ claimName, subPath = 'its root' }: ClaimMount, sessionId: string): RecacError {
  return inUse(`session ${JSON.stringify(sessionId)} works in the same directory of ${claimName} (${subPath})`);
}

function inUse(problem: string): RecacError {
  const message = `the PersistentVolumeClaim cannot be used now: ${problem}. Stop that one first, or use another claim.`;
  return new RecacError('RECAC_WORKSPACE_CONFLICT', message, { details: { reason: 'ClaimInUse', phase: 'admit' } });
}
