import { randomUUID } from 'node:crypto';
import {
  type EnsureImageOptions,
  type EnvironmentSpec,
  type ImageInfo,
  labelKeys,
  parseImageReference,
  RecacError,
  validatePlatform,
} from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import type { ObjectMetadata } from '../api/object-metadata.ts';
import { toFacts } from '../attempt-facts.ts';
import { type ClusterNamespace, controllerLabel, podPath } from '../environment/cluster-namespace.ts';
import { createJob } from '../environment/create-job.ts';
import { findJob } from '../environment/find-job.ts';
import { readEvidence } from '../environment/read-evidence.ts';
import type { Removals } from '../environment/removals.ts';
import { removeJob } from '../environment/remove-job.ts';
import type { Job, NewJob } from '../job/job-object.ts';
import { toJob } from '../job/job-plan.ts';
import type { JobSettings } from '../job/job-settings.ts';
import { findAgent, type Pod } from '../job/pod.ts';
import { findPodOfJob } from '../job/pod-status.ts';
import { readStartFailure } from '../job/read-failure.ts';
import type { StartFailure } from '../job/start-failure.ts';
import { keepListening } from '../watch/keep-listening.ts';
import { ObjectWatch } from '../watch/object-watch.ts';
import { projectPod } from '../watch/project-objects.ts';
import { withinLimit } from '../within-limit.ts';
import { findNodePlatforms } from './node-platforms.ts';

/** Between two looks at why the image is not there yet. */
const evidencePauseMs = 1_000;
/** A pull may take long; a node that takes the pod tells soon what is wrong. */
const defaultTimeoutMs = 600_000;
/** For what keeps the pod from a node, such as a quota: that may pass. */
const waitingTimeoutMs = 120_000;

/** How an image is asked for. */
export interface ProbeOptions extends EnsureImageOptions {
  /** What the Job that asks for it is made with. */
  readonly settings: JobSettings;
  /** Removes that Job, also when its creation was never answered. */
  readonly removals: Pick<Removals, 'removeUnknown'>;
  /** Longest wait in milliseconds. Default: ten minutes. */
  readonly limitMs?: number;
}

/**
 * Makes a node pull an image by a Job that asks for it, and gives the digest that the node tells. What a Job can know is that one node has it: other nodes
 * pull when their turn comes. Errors: `RECAC_IMAGE_NOT_FOUND`, `RECAC_IMAGE_PULL_FAILED`, `RECAC_INVALID_ARGUMENT`, and those of a start.
 */
export async function ensureImage(
  cluster: ClusterNamespace,
  reference: string,
  { settings, removals, limitMs = defaultTimeoutMs, ...options }: ProbeOptions,
): Promise<ImageInfo> {
  parseImageReference(reference);
  const { signal = new AbortController().signal } = options;
  let lastFailure: StartFailure | undefined;
  const toError = (): RecacError => tookTooLong(reference, limitMs, lastFailure);
  const onFailure = (failure: StartFailure | undefined): void => {
    lastFailure = failure;
  };
  return withinLimit({ limitMs, signal, toError }, (until) =>
    makePresent(cluster, reference, { ...options, settings, removals, onFailure, signal: until }),
  );
}

interface PresentOptions extends Omit<ProbeOptions, 'signal' | 'limitMs'> {
  /** Told why the image is not there yet; undefined: nothing is wrong as far as anybody knows. */
  readonly onFailure: (failure: StartFailure | undefined) => void;
  readonly signal: AbortSignal;
}

async function makePresent(
  cluster: ClusterNamespace,
  reference: string,
  { signal, settings, removals, ...options }: PresentOptions,
): Promise<ImageInfo> {
  if (options.platform !== undefined) await checkPlatform(cluster, reference, options.platform, signal);
  const spec: EnvironmentSpec = {
    sessionId: `image-${randomUUID()}`,
    image: reference,
    network: 'none',
    pendingTimeoutMs: defaultTimeoutMs,
    ...(options.policy === undefined ? {} : { pullPolicy: options.policy }),
    ...(options.platform === undefined ? {} : { platform: options.platform }),
  };
  const probe = withoutManagedLabel(toJob(spec, settings, toFacts(randomUUID())).job);
  try {
    // Nobody else knows the name.
    const job = await createJob(cluster, probe, { isOurAttempt: () => true, isOurs: () => true, signal });
    options.onProgress?.({ status: 'Asking a node' });
    return await untilPresent(cluster, job, reference, { signal, onFailure: options.onFailure });
  } finally {
    await removals.removeUnknown(async (until, lookMs) => {
      const left = await findJob(cluster, probe.metadata.name, until, lookMs);
      if (left) await removeJob(cluster, left.metadata, until);
    });
  }
}

/** Nobody shall take the Job, or its pod, for an environment. */
function withoutManagedLabel(job: NewJob): NewJob {
  const withoutLabel = <Metadata extends Pick<ObjectMetadata, 'labels'>>(metadata: Metadata): Metadata => {
    const { [labelKeys.managed]: _managed, ...labels } = metadata.labels ?? {};
    return { ...metadata, labels };
  };
  const { spec, metadata } = job;
  const template = { ...spec.template, metadata: withoutLabel(spec.template.metadata ?? {}) };
  return { ...job, metadata: withoutLabel(metadata), spec: { ...spec, template } };
}

/** A platform that no node has would be waited for in vain. */
async function checkPlatform(
  { client }: ClusterNamespace,
  reference: string,
  platform: string,
  signal: AbortSignal,
): Promise<void> {
  validatePlatform(platform);
  const platforms = await findNodePlatforms(client, signal);
  const wanted = platform.split('/').slice(0, 2).join('/');
  if (platforms === undefined || platforms.includes(wanted)) return;
  throw new RecacError(
    'RECAC_IMAGE_PULL_FAILED',
    `no node can have the image ${reference} for ${platform}: the nodes are ${platforms.join(', ')}. Ask for one of these, or add such a node.`,
    { details: { reason: 'wrong-platform', reference, platform, platforms } },
  );
}

async function untilPresent(
  cluster: ClusterNamespace,
  job: Job,
  reference: string,
  { signal, onFailure }: Pick<PresentOptions, 'signal' | 'onFailure'>,
): Promise<ImageInfo> {
  const { client, namespace } = cluster;
  const query = { labelSelector: `${controllerLabel}=${job.metadata.uid}` };
  const pods = new ObjectWatch<Pod>({ client, path: podPath(namespace), query, project: projectPod });
  let failingSince: number | undefined;
  let wake = (): void => {};
  const end = keepListening(() => pods, { onChange: () => wake() });
  try {
    for (;;) {
      const changed = new AbortController();
      wake = () => changed.abort();
      const pod = findPodOfJob(job, [...pods.table.values()]);
      const imageId = findAgent(pod)?.imageID ?? '';
      if (imageId !== '') return toInfo(reference, imageId);
      const failure = readStartFailure(await readEvidence(cluster, { job, ...(pod ? { pod } : {}) }, signal));
      onFailure(failure);
      if (failure) failingSince ??= performance.now();
      else failingSince = undefined;
      const isOver = performance.now() - (failingSince ?? Infinity) > (failure?.graceMs ?? waitingTimeoutMs);
      if (failure && (failure.isFinal || isOver)) throw toFailure(failure);
      await delay(evidencePauseMs, AbortSignal.any([signal, changed.signal]));
      signal.throwIfAborted();
    }
  } finally {
    end();
    pods.close();
  }
}

/** Without a repository it is the id of an image that was never in a registry, and names nothing there. */
function toInfo(reference: string, imageId: string): ImageInfo {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(imageId)?.[1];
  return { reference, ...(digest === undefined ? {} : { digest }) };
}

function toFailure({ code, message, reason, evidence }: StartFailure): RecacError {
  return new RecacError(code, message, { details: { reason, evidence } });
}

function tookTooLong(reference: string, limitMs: number, failure: StartFailure | undefined): RecacError {
  const { code = 'RECAC_IMAGE_PULL_FAILED', message = 'The node may still be pulling it: try again.' } = failure ?? {};
  const text = `no node had the image ${reference} after ${limitMs / 1_000} s. ${message}`;
  return new RecacError(code, text, { details: { reason: failure?.reason ?? 'Timeout', reference, limitMs } });
}
