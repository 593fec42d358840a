import { RecacError } from '@recac/engine-core';
import { delay } from '@recac/engine-kit';
import type { DaemonClient } from '../daemon/daemon-client.ts';
import { toStatus } from '../daemon/daemon-error.ts';

const removeDeadlineMs = 30_000;
/** Docker is still removing it: a runtime or a disk may take long. */
const busyPauseMs = { first: 50, longest: 1_000 } as const;
/** The daemon is in trouble. */
const failedPauseMs = 250;
const failedAttempts = 40;

/**
 * Kills and removes a container with its anonymous volumes; one that is gone, or on its way, is waited for. It must be ours. Resolves when it is gone: false when it was gone before, or others were removing it. Errors:
 * `RECAC_ENGINE_UNAVAILABLE`, with `details.stuck` when the daemon does not answer in time, or is still removing it after that long.
 */
export async function removeContainer(client: DaemonClient, id: string, signal?: AbortSignal): Promise<boolean> {
  const options = { deadlineMs: removeDeadlineMs, ...(signal ? { signal } : {}) };
  const giveUpAt = performance.now() + removeDeadlineMs;
  let mayHaveEnded = false;
  let pauseMs: number = busyPauseMs.first;
  for (let failures = 0; ; ) {
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
      if (status === 409) {
        if (performance.now() > giveUpAt) throw stillRemoving(client.endpoint, error);
        await delay(pauseMs, signal);
        pauseMs = Math.min(2 * pauseMs, busyPauseMs.longest);
      } else {
        failures += 1;
        if (status === undefined || status < 500 || failures === failedAttempts) throw error;
        await delay(failedPauseMs, signal);
      }
    }
  }
}

function stillRemoving(endpoint: string, cause: unknown): RecacError {
  return new RecacError(
    'RECAC_ENGINE_UNAVAILABLE',
    `removing the container: the daemon at ${endpoint} is still at it after ${removeDeadlineMs / 1_000} s. It may be stuck: look at its log, or restart it.`,
    { cause, details: { endpoint, status: 409, stuck: true } },
  );
}
