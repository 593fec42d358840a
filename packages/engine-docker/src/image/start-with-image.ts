import { type EnvironmentSpec, type ImageProgress, RecacError } from '@recac/engine-core';
import type { PhaseClock } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toDaemonReference } from './daemon-reference.ts';
import { ensureImage } from './ensure-image.ts';
import type { ImagePins } from './image-pins.ts';

/** What a start needs to have its image. */
export interface ImageStart {
  /** The daemon. */
  readonly client: DaemonClient;
  /** What references have been resolved to. */
  readonly pins: ImagePins;
  /** What is started. */
  readonly spec: EnvironmentSpec;
  /** Gets the phases `pull` and `start`. */
  readonly clock: PhaseClock;
  /** Cancels. */
  readonly signal: AbortSignal;
}

/**
 * Starts something with an image. Where the image only has to be there, the start itself is tried first, and the image pulled when it turns out to be missing:
 * a start with a present image costs no call for it.
 */
export async function startWithImage<T>(
  { client, pins, spec, clock, signal }: ImageStart,
  start: (image: string) => Promise<T>,
): Promise<T> {
  const reference = spec.image ?? '';
  const begin = (): Promise<T> => {
    clock.begin('start');
    return start(pins.resolve(toDaemonReference(reference), spec.platform));
  };
  const pull = async (): Promise<void> => {
    clock.begin('pull');
    await ensureImage(
      client,
      reference,
      {
        signal,
        policy: spec.pullPolicy ?? 'if-missing',
        ...(spec.platform === undefined ? {} : { platform: spec.platform }),
        onProgress: (progress) => clock.wait(describe(progress)),
      },
      pins,
    );
  };
  const mayTryFirst = (spec.pullPolicy ?? 'if-missing') === 'if-missing' && spec.platform === undefined;
  if (mayTryFirst) {
    try {
      const started = await begin();
      pinLater(client, reference, pins);
      return started;
    } catch (error) {
      if (!RecacError.isInstance(error) || error.code !== 'RECAC_IMAGE_NOT_FOUND') throw error;
    }
  }
  await pull();
  return begin();
}

/** What a tag means at the first start of a session is what it means at later ones. Nobody waits for it, and an image without a digest is not pinned, nor looked at again. */
function pinLater(client: DaemonClient, reference: string, pins: ImagePins): void {
  const asked = toDaemonReference(reference);
  if (pins.resolve(asked) !== asked || !pins.isNew(asked)) return;
  ensureImage(client, reference, { policy: 'never' }, pins).catch(() => pins.forget(asked));
}

function describe({ status, layer, currentBytes, totalBytes }: ImageProgress): string {
  const amount =
    currentBytes === undefined || totalBytes === undefined
      ? ''
      : ` ${toMegabytes(currentBytes)} of ${toMegabytes(totalBytes)}`;
  return `${layer === undefined ? '' : `${layer}: `}${status}${amount}`;
}

function toMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
