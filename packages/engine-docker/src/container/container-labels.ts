import { type EnvironmentSpec, labelKeys, reservedLabelPrefix, toEnvironmentName } from '@recac/engine-core';
import type { CreatorLabels } from '../creator-labels.ts';
import { type NetworkPlan, networkHelperLabel } from '../network/network-plan.ts';

/** Label with the image as the caller wrote it: the daemon shows an id once the tag has moved. */
export const imageLabel = `${reservedLabelPrefix}image`;

/** Label with the network preset. */
const networkLabel = `${reservedLabelPrefix}network`;

/** Label with the id of the network that is the environment's own, where it has one: Podman tells neither in a list nor of one container what network that was given. */
export const ownNetworkLabel = `${reservedLabelPrefix}own-network`;

/** Label that tells one attempt to create from another with the same name. */
const attemptLabel = `${reservedLabelPrefix}attempt`;

/** Label with the volume that the workspace outlives the container in. */
const keptLabel = `${reservedLabelPrefix}kept-volume`;

/** Label with the names of the caller's own labels: the daemon adds those of the image. */
const callerKeysLabel = `${reservedLabelPrefix}label-keys`;

/** What the labels of a container tell. */
export interface ContainerLabels {
  /** The session id. */
  readonly sessionId: string;
  /** `toEnvironmentName(sessionId)`. */
  readonly name: string;
  /** Where the workspace is, inside. */
  readonly workspacePath: string;
  /** The image as the caller wrote it. */
  readonly image: string;
  /** Id of the network that is its own, where it has one. */
  readonly ownNetwork?: string;
  /** The attempt that created it. */
  readonly attempt: string;
  /** The volume that the workspace outlives the container in, where it does. */
  readonly keptVolume?: string;
  /** Lease in milliseconds, when it has one. */
  readonly leaseMs?: number;
  /** The caller's own labels. */
  readonly callerLabels: Readonly<Record<string, string>>;
}

/** The filter that finds all containers of ours, or those of one session. */
export function toLabelFilter(sessionId?: string): string[] {
  const managed = `${labelKeys.managed}=true`;
  return sessionId === undefined ? [managed] : [managed, `${labelKeys.session}=${sessionId}`];
}

/** The labels of an environment's container. Each that is ours is there, empty where it says nothing: the daemon adds those of the image, which may be that of another environment. */
export function toLabels(
  spec: EnvironmentSpec,
  facts: {
    readonly workspacePath: string;
    readonly network: NetworkPlan;
    readonly attempt: string;
    readonly creator: CreatorLabels;
    readonly keptVolume?: string;
  },
): Record<string, string> {
  return {
    ...spec.labels,
    ...facts.creator,
    [labelKeys.managed]: 'true',
    [labelKeys.name]: toEnvironmentName(spec.sessionId),
    [labelKeys.session]: spec.sessionId,
    [labelKeys.workspace]: facts.workspacePath,
    [imageLabel]: spec.image ?? '',
    [networkLabel]: facts.network.preset,
    [ownNetworkLabel]: facts.network.networkId ?? '',
    [attemptLabel]: facts.attempt,
    [callerKeysLabel]: Object.keys(spec.labels ?? {}).join(' '),
    [keptLabel]: facts.keptVolume ?? '',
    [labelKeys.lease]: String(spec.leaseMs ?? ''),
    [networkHelperLabel]: '',
  };
}

/** What tells whether a container is ours. */
export interface LabelledContainer {
  /** Its labels. */
  readonly labels: Readonly<Record<string, string>> | null | undefined;
  /** Its names as the daemon gives them: with a slash before each. */
  readonly names: readonly string[] | null | undefined;
}

/**
 * Reads the labels back; undefined when the container is not ours. Its name decides too: a container that somebody made of an environment's image has all our
 * labels. So one that somebody renames is no longer ours.
 */
export function fromLabels({ labels, names }: LabelledContainer): ContainerLabels | undefined {
  const sessionId = labels?.[labelKeys.session];
  const name = labels?.[labelKeys.name];
  if (labels?.[labelKeys.managed] !== 'true' || sessionId === undefined || name === undefined) return undefined;
  if (!names?.some((one) => one.replace(/^\//, '') === name)) return undefined;
  const leaseMs = Number(labels[labelKeys.lease]);
  return {
    sessionId,
    name,
    workspacePath: labels[labelKeys.workspace] ?? '/workspace',
    image: labels[imageLabel] ?? '',
    attempt: labels[attemptLabel] ?? '',
    ...(labels[ownNetworkLabel] ? { ownNetwork: labels[ownNetworkLabel] } : {}),
    ...(labels[keptLabel] ? { keptVolume: labels[keptLabel] } : {}),
    ...(Number.isInteger(leaseMs) && leaseMs > 0 ? { leaseMs } : {}),
    callerLabels: toCallerLabels(labels),
  };
}

function toCallerLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const keys = (labels[callerKeysLabel] ?? '').split(' ').filter((key) => key !== '');
  return Object.fromEntries(keys.map((key) => [key, labels[key] ?? '']));
}
