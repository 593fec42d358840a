import {
  abortedError,
  type EnsureImageOptions,
  type ImageInfo,
  type ImageReference,
  parseImageReference,
  RecacError,
  throwIfAborted,
  validatePlatform,
} from '@recac/engine-core';
import type { ImageInspectInfo } from 'dockerode';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { readDaemonFacts } from '../daemon/daemon-facts.ts';
import { isImageId, toDaemonReference, toRepositoryName } from './daemon-reference.ts';
import { findCredentials } from './find-credentials.ts';
import type { ImagePins } from './image-pins.ts';
import { inspectImage } from './inspect-image.ts';
import { describePlatform, isForPlatform } from './platform-match.ts';
import { imageFailure } from './pull-failure.ts';
import { pullImage } from './pull-image.ts';

/** One call of `ensureImage`, with what was pinned. */
interface Wanted {
  /** As the caller wrote it. */
  readonly reference: string;
  /** As the daemon is asked: by digest once it is pinned. */
  readonly target: string;
  readonly platform?: string;
}

/**
 * Makes an image present, or verifies that it is. What a reference meant the first time is what it means for the life of `pins`. Calls for the same image at the
 * same time share one pull. Errors: `RECAC_INVALID_ARGUMENT`, `RECAC_IMAGE_NOT_FOUND`, `RECAC_IMAGE_PULL_FAILED`, with `details.cause`.
 */
export async function ensureImage(
  client: DaemonClient,
  reference: string,
  options: EnsureImageOptions,
  pins: ImagePins,
): Promise<ImageInfo> {
  const { policy = 'if-missing', platform, signal } = options;
  if (platform !== undefined) validatePlatform(platform);
  const target = toDaemonReference(pins.resolve(toDaemonReference(reference), platform));
  const wanted: Wanted = { reference, target, ...(platform === undefined ? {} : { platform }) };
  throwIfAborted(signal, `making ${reference} present`);
  const present = policy === 'always' && !isImageId(target) ? undefined : await inspect(client, wanted, signal);
  const mayPull = policy !== 'never' && !isImageId(target);
  if (present && isFit(present, platform)) return remember(present, wanted, pins);
  if (!mayPull) throw present ? wrongPlatform(present, wanted) : absent(wanted);
  try {
    return await pullShared(client, wanted, options, pins);
  } catch (error) {
    if (!present || signal?.aborted || isWrongPlatform(error)) throw error;
    throw wrongPlatform(present, wanted, error);
  }
}

async function pullShared(
  client: DaemonClient,
  wanted: Wanted,
  options: EnsureImageOptions,
  pins: ImagePins,
): Promise<ImageInfo> {
  const { reference, target, platform } = wanted;
  const { info, pulled } = await pins.pulls.join(`${target} ${platform ?? ''}`, options, async (signal, onProgress) => {
    const image = parseImageReference(target);
    const credentials = await findCredentials(client, image.registry, signal);
    const digest = await pullImage(client, image, {
      reference,
      ...(platform === undefined ? {} : { platform }),
      ...(credentials ? { credentials } : {}),
      signal,
      onProgress,
    });
    const found = await inspect(client, wanted, signal);
    if (!found) throw imageFailure('interrupted', reference, 'is not there after its pull, which reported success');
    // Before API 1.49 a daemon with containerd's store shows its own variant, though it has pulled the other as well.
    if (!isFit(found, platform) && !(await readDaemonFacts(client, signal)).containerdStore)
      throw wrongPlatform(found, wanted);
    return { info: found, pulled: digest };
  });
  return remember(info, wanted, pins, pulled);
}

async function inspect(
  client: DaemonClient,
  { target, platform }: Wanted,
  signal: AbortSignal | undefined,
): Promise<ImageInspectInfo | undefined> {
  try {
    const options = { ...(platform === undefined ? {} : { platform }), ...(signal ? { signal } : {}) };
    return await inspectImage(client, target, options);
  } catch (error) {
    if (signal?.aborted) throw abortedError(`looking for ${target}`, signal.reason);
    throw error;
  }
}

function isFit(info: ImageInspectInfo, platform: string | undefined): boolean {
  return platform === undefined || isForPlatform(info, platform);
}

function remember(info: ImageInspectInfo, wanted: Wanted, pins: ImagePins, pulled?: string): ImageInfo {
  const { reference, target, platform } = wanted;
  if (isImageId(target)) return { reference };
  const image = parseImageReference(target);
  const digest = image.digest ?? pulled ?? findDigest(info.RepoDigests, image);
  if (digest === undefined) return { reference };
  pins.pin(toDaemonReference(reference), platform, `${toRepositoryName(image)}@${digest}`);
  return { reference, digest };
}

/** The digest under which the repository has the image. An image may have others from other repositories. */
function findDigest(repoDigests: readonly string[] | null | undefined, wanted: ImageReference): string | undefined {
  for (const repoDigest of repoDigests ?? []) {
    const found = tryParse(repoDigest);
    if (found && toRepositoryName(found) === toRepositoryName(wanted)) return found.digest;
  }
  return undefined;
}

function tryParse(text: string): ImageReference | undefined {
  try {
    return parseImageReference(text);
  } catch {
    // Such as "<none>@<none>".
    return undefined;
  }
}

function absent({ reference, target }: Wanted): RecacError {
  const reason = isImageId(target)
    ? 'is not there, and an image cannot be pulled by its id'
    : 'is not there, and the pull policy is never';
  return imageFailure('not-found', reference, reason);
}

function isWrongPlatform(error: unknown): boolean {
  return RecacError.isInstance(error) && error.details.cause === 'wrong-platform';
}

function wrongPlatform(present: ImageInspectInfo, { reference, platform }: Wanted, error?: unknown): RecacError {
  const why = RecacError.isInstance(error) ? `, and pulling it failed: ${error.message}` : '';
  return imageFailure(
    'wrong-platform',
    reference,
    `is there for ${describePlatform(present)} and not for ${platform}${why}`,
    error,
  );
}
