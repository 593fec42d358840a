import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';

const removeDeadlineMs = 30_000;
const attempts = 40;

/**
 * Kills and removes a container with its anonymous volumes; one that is gone, or on its way, is fine. It must be ours. Resolves when it is gone: false when it was gone before, or others were removing it. Errors:
 * `RECAC_ENGINE_UNAVAILABLE` with `details.stuck` when the daemon does not answer in time.
 */
export async function removeContainer(client: DaemonClient, id: string, signal?: AbortSignal): Promise<boolean> {
  const options = { deadlineMs: removeDeadlineMs, ...(signal ? { signal } : {}) };
  let mayHaveEnded = false;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      await client.call(
        'removing the container',
        (abortSignal) => client.docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
        options,
      );
      return true;
    } catch (error) {
      const status = toStatus(error);
      if (status === 404) return mayHaveEnded;
      mayHaveEnded ||= (status ?? 500) >= 500;
      const isTransient = status === 409 || (status !== undefined && status >= 500);
      if (!isTransient || attempt === attempts - 1) throw error;
      await delay(status === 409 ? 50 : 250, signal);
    }
  }
  throw new RecacError('RECAC_ENGINE_UNAVAILABLE', 'the container could not be removed. Look at the daemon.');
}
