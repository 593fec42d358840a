import {
  type BuildOptions,
  parseImageReference,
  RecacError,
  throwIfAborted,
  unsupportedCapability,
} from '@recac/engine-core';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toRepositoryName } from '../image/daemon-reference.ts';
import type { ImagePins } from '../image/image-pins.ts';
import { inspectImage } from '../image/inspect-image.ts';
import { buildWithBuildx } from './buildx-build.ts';
import { checkBuild } from './check-build.ts';
import { buildClassic } from './classic-build.ts';
import { hasBuildx } from './find-buildx.ts';

/**
 * Builds an image, with `docker buildx` where it is installed and the classic builder otherwise, and gives its id. The tag means the new image afterwards, also
 * for `pins`, and is given last: a build that was cancelled, however late, changes no tag. Errors: `RECAC_INVALID_ARGUMENT`, `RECAC_IMAGE_BUILD_FAILED`, `RECAC_CAPABILITY_UNSUPPORTED` (secrets without buildx).
 */
export async function buildImage(
  client: DaemonClient,
  options: BuildOptions,
  signal?: AbortSignal,
  pins?: ImagePins,
): Promise<string> {
  throwIfAborted(signal, `building ${options.tag}`);
  const places = await checkBuild(options);
  const buildx = isPlainAddress(client.endpoint) && (await hasBuildx(signal)) && !client.podman;
  if (!buildx && Object.keys(options.secrets ?? {}).length > 0)
    throw unsupportedCapability(
      'docker',
      'secrets in builds without buildx',
      'Install the docker plugin buildx, or fetch what needs the secret before the build.',
    );
  const id = buildx
    ? await findMade(client, await buildWithBuildx(client, options, places, signal), signal)
    : await buildClassic(client, options, places, signal);
  throwIfAborted(signal, `building ${options.tag}`);
  await giveTag(client, id, options.tag);
  pins?.forget(options.tag);
  return /^sha256:[0-9a-f]{64}$/.test(id) ? id : readId(client, options.tag, signal);
}

/** The first that the daemon has; the first of all where it has none. */
async function findMade(
  client: DaemonClient,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  for (const id of ids) if (await inspectImage(client, id, signal ? { signal } : {})) return id;
  return ids[0] ?? '';
}

/** Not to be cancelled: a tag whose answer nobody waited for may have been given. */
async function giveTag(client: DaemonClient, id: string, tag: string): Promise<void> {
  const image = parseImageReference(tag);
  const names = { repo: toRepositoryName(image), tag: image.tag ?? 'latest' };
  await client.call(`giving the image the tag ${tag}`, (abortSignal) =>
    client.docker.getImage(id).tag({ ...names, abortSignal }),
  );
}

/** An address that the docker command can be given. */
function isPlainAddress(endpoint: string): boolean {
  return /^(?:unix|npipe|tcp|ssh):\/\//.test(endpoint);
}

async function readId(client: DaemonClient, tag: string, signal: AbortSignal | undefined): Promise<string> {
  const id = (await inspectImage(client, tag, signal ? { signal } : {}))?.Id;
  if (!id)
    throw new RecacError(
      'RECAC_IMAGE_BUILD_FAILED',
      `the build of ${tag} left no image. Look at the log of the daemon.`,
    );
  return id.startsWith('sha256:') ? id : `sha256:${id}`;
}
