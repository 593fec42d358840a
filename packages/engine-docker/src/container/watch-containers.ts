import type { EnvironmentEvent, EnvironmentStatus } from '@recac/engine-core';
import { compareEnvironments, delay } from '@recac/engine-kit';
import type { GetEventsOptions } from 'dockerode';
import type { DaemonClient } from '../daemon/daemon-client.ts';

const longestPauseMs = 5_000;
/** A stream that says nothing for so long is checked against the list. */
const quietMs = 15_000;

/**
 * What exists, then every change. The daemon's events only say that something happened; what is told comes from a fresh list, so that lost, doubled and
 * late events do no harm. When the stream of events breaks, or kept a change to itself, it is opened again and the list read anew.
 */
export async function* watchContainers(
  client: DaemonClient,
  labelFilter: readonly string[],
  list: () => Promise<readonly EnvironmentStatus[]>,
  signal: AbortSignal,
): AsyncGenerator<EnvironmentEvent, void, undefined> {
  const known = new Map<string, EnvironmentStatus>();
  let isFirst = true;
  for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      for await (const reason of changes(client, labelFilter, signal)) {
        const events = [...compareEnvironments(known, await list())];
        yield* events;
        isFirst = false;
        pauseMs = 100;
        if (reason === 'quiet' && events.length > 0) break;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isFirst) throw error;
    }
    await delay(pauseMs, signal);
  }
}

/** Yields once the events flow, and then whenever something happened, or nothing for long; a burst is one. */
async function* changes(
  client: DaemonClient,
  labelFilter: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<'news' | 'quiet', void, undefined> {
  const filters = {
    type: ['container'],
    label: [...labelFilter],
    // Podman says `remove` for `destroy`.
    event: ['create', 'start', 'die', 'destroy', 'remove', 'pause', 'unpause', 'oom'],
  };
  const stream = (await client.call(
    'watching for events',
    (abortSignal) => client.docker.getEvents({ filters, abortSignal } as GetEventsOptions),
    {
      signal,
    },
  )) as NodeJS.ReadableStream & { destroy(): void };
  const stop = (): void => stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  let ended = false;
  let wake = (): void => {};
  let hasNews = true;
  const end = (): void => {
    ended = true;
    wake();
  };
  stream.on('data', () => {
    hasNews = true;
    wake();
  });
  for (const event of ['end', 'close', 'error']) stream.on(event, end);
  try {
    while (!ended && !signal.aborted) {
      if (hasNews) {
        hasNews = false;
        yield 'news';
      } else if (
        await isQuiet((resolve) => {
          wake = resolve;
        })
      )
        yield 'quiet';
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/** False when it is woken before it has been quiet for long. */
function isQuiet(onWake: (wake: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), quietMs);
    onWake(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}
