import {
  type EnsureImageOptions,
  type ImageInfo,
  parseImageReference,
  RecacError,
  validatePlatform,
} from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import { type ClusterNamespace, controllerLabel, podPath } from '../environment/cluster-namespace.ts';
import { createJob } from '../environment/create-job.ts';
import { explainAttempt, type FailedAttempt, toCleanupWords } from '../environment/explain-attempt.ts';
import { FailureGrace } from '../environment/failure-grace.ts';
import { findJob } from '../environment/find-job.ts';
import { readEvidence } from '../environment/read-evidence.ts';
import type { Removals } from '../environment/removals.ts';
import { removeJob } from '../environment/remove-job.ts';
import type { Job } from '../job/job-object.ts';
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
import { toProbe } from './probe-job.ts';

/** Between two looks at why the image is not there yet. */
const evidencePauseMs = 1_000;
/** A pull may take long, and so may what keeps the pod from a node, such as a quota or an autoscaler that brings one. */
const defaultTimeoutMs = 600_000;

/** How an image is asked for. */
export interface ProbeOptions extends EnsureImageOptions {
  /** What the Job that asks for it is made with. */
  readonly settings: JobSettings;
  /** Removes that Job, also when its creation was never answered. */
  readonly removals: Pick<Removals, 'removeUnknown'>;
  /** Longest wait in milliseconds. Default: ten minutes. */
  readonly limitMs?: number;
}

/** What is waited for. */
type WaitCause = Pick<StartFailure, 'code' | 'message' | 'reason'>;

/**
 * Makes a node pull an image by a Job that asks for it, and gives the digest that the node tells. What a Job can know is that one node has it: other nodes
 * pull when their turn comes. What may pass is waited for and told as progress. Errors: `RECAC_IMAGE_NOT_FOUND`, `RECAC_IMAGE_PULL_FAILED`, `RECAC_INVALID_ARGUMENT`, and those of a
 * start; with `details.cleanup` and `details.left` where the Job could not be removed, which is told as progress where the image is there.
 */
export async function ensureImage(
  cluster: ClusterNamespace,
  reference: string,
  { settings, removals, limitMs = defaultTimeoutMs, ...options }: ProbeOptions,
): Promise<ImageInfo> {
  parseImageReference(reference);
  const { signal = new AbortController().signal, onProgress } = options;
  if (options.platform !== undefined) await checkPlatform(cluster, reference, options.platform, signal);
  const probe = toProbe(reference, settings, { ...options, limitMs });
  const { name } = probe.metadata;
  const remove = (): Promise<unknown> =>
    removals.removeUnknown(async (until, lookMs) => {
      const left = await findJob(cluster, name, until, lookMs);
      if (left) await removeJob(cluster, left.metadata, until);
    });
  let lastFailure: WaitCause | undefined;
  const toError = (): RecacError => tookTooLong(reference, limitMs, lastFailure);
  const onFailure = (failure: WaitCause | undefined): void => {
    if (failure && failure.message !== lastFailure?.message) onProgress?.({ status: failure.message });
    lastFailure = failure;
  };
  let info: ImageInfo;
  try {
    info = await withinLimit({ limitMs, signal, toError }, async (until) => {
      // Nobody else knows the name.
      const job = await createJob(cluster, probe, {
        isOurAttempt: () => true,
        isOurs: () => true,
        onWait: (message) => onFailure({ code: 'RECAC_ENVIRONMENT_START_FAILED', reason: 'JobRefused', message }),
        signal: until,
      });
      onProgress?.({ status: 'Asking a node' });
      return await untilPresent(cluster, job, reference, { signal: until, onFailure });
    });
  } catch (error) {
    throw explainProbe(error, cluster, { signal, name, what: 'asking for the image', cleanup: await remove() });
  }
  const cleanup = await remove();
  if (cleanup !== undefined) onProgress?.({ status: toCleanupWords(cleanup, cluster.namespace, name) });
  return info;
}

/** Nothing lists the Job, so what is left of it is in the message too. */
function explainProbe(error: unknown, cluster: ClusterNamespace, attempt: Omit<FailedAttempt, 'evidence'>): unknown {
  const explained = explainAttempt(error, cluster, { ...attempt, evidence: undefined });
  if (!RecacError.isInstance(explained) || attempt.cleanup === undefined) return explained;
  const { code, message, cause, details } = explained;
  const text = `${message} Not everything could be removed again: ${details.cleanup}`;
  return new RecacError(code, text, { cause, details });
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

interface PresenceOptions {
  readonly signal: AbortSignal;
  /** Told why the image is not there yet; undefined: nothing is wrong as far as anybody knows. */
  readonly onFailure: (failure: StartFailure | undefined) => void;
}

async function untilPresent(
  cluster: ClusterNamespace,
  job: Job,
  reference: string,
  { signal, onFailure }: PresenceOptions,
): Promise<ImageInfo> {
  const { client, namespace } = cluster;
  const query = { labelSelector: `${controllerLabel}=${job.metadata.uid}` };
  const pods = new ObjectWatch<Pod>({ client, path: podPath(namespace), query, project: projectPod });
  const grace = new FailureGrace();
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
      const isOver = grace.isOver(failure);
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

function tookTooLong(reference: string, limitMs: number, failure: WaitCause | undefined): RecacError {
  const { code = 'RECAC_IMAGE_PULL_FAILED', message } = failure ?? {};
  const why =
    message === undefined ? '. The node may still be pulling it: try again.' : `: ${message.replace(/^waiting: /, '')}`;
  const text = `no node had the image ${reference} after ${limitMs / 1_000} s${why}`;
  return new RecacError(code, text, { details: { reason: failure?.reason ?? 'Timeout', reference, limitMs } });
}
