import { type ImageProgress, type ImageReference, RecacError } from '@recac/engine-core';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';
import { toRepositoryName } from './daemon-reference.ts';
import { ProgressError, type ProgressLine, readProgress, untilStalled } from './progress-stream.ts';
import { imageFailure, pullFailure } from './pull-failure.ts';
import type { RegistryCredentials } from './registry-credentials.ts';
import { toStreamMessage } from './stream-message.ts';

/** One pull. */
export interface PullOptions {
  /** The reference as the caller wrote it, for messages. */
  readonly reference: string;
  /** Platform. Default: the daemon's. */
  readonly platform?: string;
  /** Who pulls. Default: anybody. */
  readonly credentials?: RegistryCredentials;
  /** Ends the pull, at the daemon too. */
  readonly signal: AbortSignal;
  /** Called as layers arrive. */
  readonly onProgress: (progress: ImageProgress) => void;
  /** Longest time without a line from the daemon, in milliseconds. Default: 120 000. */
  readonly stallMs?: number;
}

const defaultStallMs = 120_000;

/** Has the daemon pull an image, and gives the digest that it names. An answer of the daemon counts as success only when it came to its end without an error. */
export function pullImage(
  client: DaemonClient,
  image: ImageReference,
  options: PullOptions,
): Promise<string | undefined> {
  const { reference, credentials, signal } = options;
  const secrets = [credentials?.password, credentials?.identitytoken, credentials?.registrytoken].filter(
    (secret) => secret !== undefined,
  );
  return client.call(
    `pulling ${reference}`,
    async (abortSignal) => {
      try {
        return await pull(client, image, options, { abortSignal, secrets });
      } catch (error) {
        if (RecacError.isInstance(error)) throw error;
        if (error instanceof ProgressError)
          throw imageFailure('interrupted', reference, `could not be pulled: ${error.message}`, error);
        if (toStatus(error) === undefined) throw error;
        throw pullFailure(reference, toStreamMessage(error), secrets);
      }
    },
    { signal, deadlineMs: Number.POSITIVE_INFINITY },
  );
}

async function pull(
  client: DaemonClient,
  image: ImageReference,
  { reference, platform, credentials, onProgress, stallMs = defaultStallMs }: PullOptions,
  { abortSignal, secrets }: { readonly abortSignal: AbortSignal; readonly secrets: readonly string[] },
): Promise<string | undefined> {
  const options = {
    fromImage: toRepositoryName(image),
    tag: image.digest ?? image.tag,
    ...(platform === undefined ? {} : { platform }),
    abortSignal,
  };
  const stopped = new AbortController();
  const request = { ...options, abortSignal: AbortSignal.any([abortSignal, stopped.signal]) };
  let digest: string | undefined;
  try {
    const stream = await untilStalled(client.docker.createImage(credentials, request), stallMs);
    for await (const line of readProgress(stream as unknown as AsyncIterable<Uint8Array>, stallMs)) {
      const problem = line.errorDetail?.message ?? line.error;
      if (problem !== undefined) throw pullFailure(reference, problem, secrets);
      digest = /^Digest: (sha256:[0-9a-f]{64})$/.exec(line.status ?? '')?.[1] ?? digest;
      const progress = toProgress(line);
      if (progress) onProgress(progress);
    }
    return digest;
  } finally {
    stopped.abort();
  }
}

function toProgress({ status, id, progressDetail }: ProgressLine): ImageProgress | undefined {
  if (typeof status !== 'string') return undefined;
  const { current, total } = progressDetail ?? {};
  return {
    status,
    ...(id === undefined ? {} : { layer: id }),
    ...(current === undefined ? {} : { currentBytes: current }),
    ...(total === undefined ? {} : { totalBytes: total }),
  };
}
