import { labelKeys } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import type { NetworkInspectInfo } from 'dockerode';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';

const attempts = 40;
const pauseMs = 50;

/**
 * Removes a network of ours, by id or name. One that is gone is fine, and so are Docker's own and other people's: they stay. While the container is on its
 * way out, it is tried again. Resolves to true when it was there.
 */
export async function removeNetwork(client: DaemonClient, idOrName: string, signal?: AbortSignal): Promise<boolean> {
  const options = { idempotent: true, ...(signal ? { signal } : {}) };
  const found = await client
    .get<NetworkInspectInfo>('looking at the network', `/networks/${idOrName}`, signal ? { signal } : {})
    .catch(unlessGone);
  if (found?.Labels?.[labelKeys.managed] !== 'true') return false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.call(
        'removing the network',
        (abortSignal) => client.docker.getNetwork(found.Id).remove({ abortSignal }),
        options,
      );
      return true;
    } catch (error) {
      const status = toStatus(error);
      if (status === 404) return true;
      if (!isBusy(error) || attempt === attempts) throw error;
      await delay(pauseMs, signal);
    }
  }
}

function unlessGone(error: unknown): undefined {
  if (toStatus(error) !== 404) throw error;
}

/** "has active endpoints" is 403, which also says that one may not; only its words tell. */
function isBusy(error: unknown): boolean {
  const { message } = error as Error;
  return /active endpoints|in use|being removed/i.test(message);
}
