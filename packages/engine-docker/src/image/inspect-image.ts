import type { ImageInspectInfo } from 'dockerode';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';
import { toOciPlatform } from './platform-match.ts';

/** How an image is looked for. */
export interface InspectImageOptions {
  /** Written `os/architecture[/variant]`. Default: whatever the daemon shows. */
  readonly platform?: string;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/**
 * What the daemon tells of an image; undefined when it has none of that name. Where it has several platforms of one (containerd's image store), that for the
 * platform is shown by a daemon that can (API 1.49); otherwise one that may be for another.
 */
export async function inspectImage(
  client: DaemonClient,
  reference: string,
  { platform, signal }: InspectImageOptions = {},
): Promise<ImageInspectInfo | undefined> {
  const ask = async (query: Readonly<Record<string, string>>): Promise<ImageInspectInfo | undefined> => {
    try {
      return await client.get(`looking for ${reference}`, `/images/${reference}/json`, {
        query,
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (toStatus(error) === 404) return undefined;
      throw error;
    }
  };
  if (platform === undefined || client.podman) return ask({});
  // Older daemons take no notice of the question. One that does is strict: linux/arm does not find a v6, which is good enough.
  return (await ask({ platform: JSON.stringify(toOciPlatform(platform)) })) ?? (await ask({}));
}
