import { type EnvironmentSpec, labelKeys, reservedLabelPrefix, sha256, toEnvironmentName } from '@recac/engine-core';
import type { ObjectMetadata } from '../api/object-metadata.ts';
import type { JobFacts, JobSettings } from './job-settings.ts';
import type { PodUser } from './pod-user.ts';
import { workspacePath } from './pod-volumes.ts';

/** Label with the network preset. */
const networkLabel = `${reservedLabelPrefix}network`;

/** Annotation with the image as the caller wrote it. */
const imageAnnotation = `${reservedLabelPrefix}image`;

/** Annotation that tells one attempt to create from another with the same name. */
const attemptAnnotation = `${reservedLabelPrefix}attempt`;

/** Annotation with uid:gid of the environment's processes. */
const userAnnotation = `${reservedLabelPrefix}user`;

/** Annotation with the uid of the pod in which the starting client has run something: the kubelet may say so a second later. */
export const provedAnnotation = `${reservedLabelPrefix}proved`;

/** Annotation with the names of the caller's own labels, since others add theirs. */
const callerKeysAnnotation = `${reservedLabelPrefix}label-keys`;

/** Annotations that an environment's status is made of. */
const statusAnnotations = [
  labelKeys.session,
  labelKeys.workspace,
  labelKeys.lease,
  imageAnnotation,
  callerKeysAnnotation,
  provedAnnotation,
];

/** Tells cluster autoscalers to leave a node alone while an environment is on it. */
const stayAnnotations = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
} as const;

/** What the metadata of a Job or pod of ours tells. */
export interface JobLabels {
  /** The session id. */
  readonly sessionId: string;
  /** `toEnvironmentName(sessionId)`. */
  readonly name: string;
  /** Where the workspace is, inside. */
  readonly workspacePath: string;
  /** The image as the caller wrote it. */
  readonly image: string;
  /** The attempt that created it. */
  readonly attempt: string;
  /** Lease in milliseconds, when it has one. */
  readonly leaseMs?: number;
  /** The caller's own labels. */
  readonly callerLabels: Readonly<Record<string, string>>;
}

/** Labels and annotations for a Job and its pod. */
export interface JobMetadata {
  /** Labels, to select by. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations, with the full values. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** The label selector that finds all Jobs (or pods) of ours, or those of one session. */
export function toLabelSelector(sessionId?: string): string {
  const managed = `${labelKeys.managed}=true`;
  return sessionId === undefined ? managed : `${managed},${labelKeys.name}=${toEnvironmentName(sessionId)}`;
}

/** A text as a label value: itself where it may be one, else a hash of it. The full text belongs into an annotation. */
export function toLabelValue(text: string): string {
  if (text.length <= 63 && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(text)) return text;
  const digest = sha256(new TextEncoder().encode(text));
  return Array.from(digest.subarray(0, 20), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The labels and annotations of an environment's Job, which its pod has too. */
export function toJobMetadata(
  spec: EnvironmentSpec,
  settings: JobSettings,
  facts: JobFacts & { readonly user: PodUser },
): JobMetadata {
  const network = spec.network ?? settings.network ?? 'none';
  return {
    labels: {
      'app.kubernetes.io/name': 'recac-agent',
      'app.kubernetes.io/managed-by': 'recac',
      ...settings.labels,
      ...spec.labels,
      [labelKeys.managed]: 'true',
      [labelKeys.name]: toEnvironmentName(spec.sessionId),
      [labelKeys.session]: toLabelValue(spec.sessionId),
      [labelKeys.owner]: toLabelValue(facts.owner),
      [networkLabel]: network,
    },
    annotations: {
      ...stayAnnotations,
      ...settings.annotations,
      [labelKeys.session]: spec.sessionId,
      [labelKeys.owner]: facts.owner,
      [labelKeys.created]: facts.createdAt.toISOString(),
      [labelKeys.version]: facts.version,
      [labelKeys.workspace]: workspacePath,
      [imageAnnotation]: spec.image ?? '',
      [attemptAnnotation]: facts.attempt,
      [userAnnotation]: `${facts.user.uid}:${facts.user.gid}`,
      [callerKeysAnnotation]: Object.keys(spec.labels ?? {}).join(' '),
      ...(spec.leaseMs === undefined ? {} : { [labelKeys.lease]: String(spec.leaseMs) }),
    },
  };
}

/** Reads the metadata of a Job or pod back; undefined when it is not ours. */
export function fromJobMetadata({
  labels,
  annotations = {},
}: Pick<ObjectMetadata, 'labels' | 'annotations'>): JobLabels | undefined {
  const sessionId = annotations[labelKeys.session];
  const name = labels?.[labelKeys.name];
  if (labels?.[labelKeys.managed] !== 'true' || sessionId === undefined || name === undefined) return undefined;
  const leaseMs = Number(annotations[labelKeys.lease]);
  return {
    sessionId,
    name,
    workspacePath: annotations[labelKeys.workspace] ?? workspacePath,
    image: annotations[imageAnnotation] ?? '',
    attempt: annotations[attemptAnnotation] ?? '',
    ...(Number.isInteger(leaseMs) && leaseMs > 0 ? { leaseMs } : {}),
    callerLabels: toCallerLabels(labels, annotations[callerKeysAnnotation] ?? ''),
  };
}

/** Of the metadata of a Job what its status is made of: watches keep no more. */
export function keepStatusMetadata({
  labels = {},
  annotations = {},
}: Pick<ObjectMetadata, 'labels' | 'annotations'>): JobMetadata {
  const keys = toKeys(annotations[callerKeysAnnotation] ?? '');
  return {
    labels: pick(labels, [labelKeys.managed, labelKeys.name, ...keys]),
    annotations: pick(annotations, statusAnnotations),
  };
}

function pick(from: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));
}

function toKeys(text: string): readonly string[] {
  return text.split(' ').filter((key) => key !== '');
}

function toCallerLabels(labels: Readonly<Record<string, string>>, keys: string): Record<string, string> {
  return Object.fromEntries(toKeys(keys).map((key) => [key, labels[key] ?? '']));
}
