import {
  type EnsureImageOptions,
  type EnvironmentSpec,
  type ImageInfo,
  parseImageReference,
  RecacError,
  validatePlatform,
} from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import type { ClusterNamespace } from '../environment/cluster-namespace.ts';
import { createJob } from '../environment/create-job.ts';
import { readEnvironment } from '../environment/list-environments.ts';
import { readEvidence } from '../environment/read-evidence.ts';
import { removeJob } from '../environment/remove-job.ts';
import type { NewJob } from '../job/job-object.ts';
import { findAgent } from '../job/pod.ts';
import { readStartFailure } from '../job/read-failure.ts';
import type { StartFailure } from '../job/start-failure.ts';
import { withinLimit } from '../within-limit.ts';
import { findNodePlatforms } from './node-platforms.ts';

const pauseMs = 200;
/** A pull may take long; a node that takes the pod tells soon what is wrong. */
const defaultTimeoutMs = 600_000;
/** For what keeps the pod from a node, such as a quota: that may pass. */
const waitingTimeoutMs = 120_000;

/**
 * Makes a node pull an image by a Job that asks for it, and gives the digest that the node tells. What a Job can know is that one node has it: other nodes
 * pull when their turn comes. Errors: `RECAC_IMAGE_NOT_FOUND`, `RECAC_IMAGE_PULL_FAILED`, `RECAC_INVALID_ARGUMENT`, and those of a start.
 */
export async function ensureImage(
  cluster: ClusterNamespace,
  reference: string,
  options: EnsureImageOptions,
  toProbe: (spec: EnvironmentSpec) => NewJob,
  limitMs = defaultTimeoutMs,
): Promise<ImageInfo> {
  parseImageReference(reference);
  const { signal = new AbortController().signal } = options;
  let lastFailure: StartFailure | undefined;
  const toError = (): RecacError => tookTooLong(reference, limitMs, lastFailure);
  const onFailure = (failure: StartFailure | undefined): void => {
    lastFailure = failure;
  };
  return withinLimit({ limitMs, signal, toError }, (until) =>
    makePresent(cluster, reference, { ...options, toProbe, onFailure, signal: until }),
  );
}

interface PresentOptions extends Omit<EnsureImageOptions, 'signal'> {
  readonly toProbe: (spec: EnvironmentSpec) => NewJob;
  /** Told why the image is not there yet; undefined: nothing is wrong as far as anybody knows. */
  readonly onFailure: (failure: StartFailure | undefined) => void;
  readonly signal: AbortSignal;
}

async function makePresent(
  cluster: ClusterNamespace,
  reference: string,
  { signal, toProbe, ...options }: PresentOptions,
): Promise<ImageInfo> {
  if (options.platform !== undefined) await checkPlatform(cluster, reference, options.platform, signal);
  const probe = toProbe({
    sessionId: `image-${crypto.randomUUID()}`,
    image: reference,
    network: 'none',
    pendingTimeoutMs: defaultTimeoutMs,
    ...(options.policy === undefined ? {} : { pullPolicy: options.policy }),
    ...(options.platform === undefined ? {} : { platform: options.platform }),
  });
  const job = await createJob(cluster, probe, { isOurAttempt: () => true, isOurs: () => true, signal });
  try {
    options.onProgress?.({ status: 'Asking a node' });
    return await untilPresent(cluster, job, reference, { signal, onFailure: options.onFailure });
  } finally {
    await removeJob(cluster, job.metadata, AbortSignal.timeout(60_000)).catch(() => {});
  }
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
  job: Parameters<typeof readEvidence>[1]['job'],
  reference: string,
  { signal, onFailure }: Pick<PresentOptions, 'signal' | 'onFailure'>,
): Promise<ImageInfo> {
  let failingSince: number | undefined;
  for (;;) {
    const found = await readEnvironment(cluster, job.metadata, signal);
    const imageId = (found?.pod && findAgent(found.pod))?.imageID ?? '';
    if (imageId !== '') {
      // Without a repository it is the id of an image that was never in a registry, and names nothing there.
      const digest = /@(sha256:[0-9a-f]{64})$/.exec(imageId)?.[1];
      return { reference, ...(digest === undefined ? {} : { digest }) };
    }
    const failure = readStartFailure(
      await readEvidence(cluster, { job, ...(found?.pod ? { pod: found.pod } : {}) }, signal),
    );
    onFailure(failure);
    if (failure) failingSince ??= performance.now();
    else failingSince = undefined;
    const graceMs = failure?.graceMs ?? waitingTimeoutMs;
    const isOver = failingSince !== undefined && performance.now() - failingSince > graceMs;
    if (failure && (failure.isFinal || isOver))
      throw new RecacError(failure.code, failure.message, {
        details: { reason: failure.reason, evidence: failure.evidence },
      });
    await delay(pauseMs, signal);
    signal.throwIfAborted();
  }
}

function tookTooLong(reference: string, limitMs: number, failure: StartFailure | undefined): RecacError {
  const { code = 'RECAC_IMAGE_PULL_FAILED', message = 'The node may still be pulling it: try again.' } = failure ?? {};
  const text = `no node had the image ${reference} after ${limitMs / 1_000} s. ${message}`;
  return new RecacError(code, text, { details: { reason: failure?.reason ?? 'Timeout', reference, limitMs } });
}
