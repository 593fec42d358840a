import type { ImageSummary } from '@recac/engine-core';
import type { DaemonClient } from '../daemon/daemon-client.ts';

/** The images that a daemon has, newest first; untagged ones too, intermediate ones not. */
export async function listImages(client: DaemonClient, signal?: AbortSignal): Promise<readonly ImageSummary[]> {
  const found = await client.call('listing the images', (abortSignal) => client.docker.listImages({ abortSignal }), {
    ...(signal === undefined ? {} : { signal }),
    idempotent: true,
  });
  return found
    .map(({ Id, RepoTags, Size, Created }) => ({
      id: Id,
      // Older daemons send null, and a made-up name for images without one.
      references: ((RepoTags ?? []) as readonly string[]).filter((tag) => tag !== '<none>:<none>'),
      sizeBytes: Size,
      createdAt: new Date(Created * 1000),
    }))
    .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
}
