import type { EnvironmentEvent, EnvironmentStatus } from '@recac/engine-core';
import { compareEnvironments, delay } from '@recac/engine-kit';
import type { ObjectMetadata } from '../api/object-metadata.ts';
import { type ClusterNamespace, jobPath, podPath } from './cluster-namespace.ts';

const longestPauseMs = 5_000;
/** Changes come in bursts: a Job and its pod, several times each. */
const burstMs = 20;

/**
 * What exists, then every change. Watches of Jobs and pods only say that something happened; what is told comes from a fresh list, so that lost, doubled
 * and late events do no harm.
 */
export async function* watchEnvironments(
  cluster: ClusterNamespace,
  labelSelector: string,
  list: () => Promise<readonly EnvironmentStatus[]>,
  signal: AbortSignal,
): AsyncGenerator<EnvironmentEvent, void, undefined> {
  const known = new Map<string, EnvironmentStatus>();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let wake = Promise.withResolvers<void>();
  let failure: unknown;
  for (const path of [jobPath(cluster.namespace), podPath(cluster.namespace)]) {
    followChanges(cluster, path, labelSelector, () => wake.resolve(), either).catch((error: unknown) => {
      failure = error;
      wake.resolve();
    });
  }
  signal.addEventListener('abort', () => wake.resolve(), { once: true });
  try {
    while (!signal.aborted) {
      if (failure !== undefined) throw failure;
      wake = Promise.withResolvers<void>();
      yield* compareEnvironments(known, await list());
      await wake.promise;
      await delay(burstMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop.abort();
  }
}

/** Calls back at every change, and once after the watch was open again. Rejects when the first one cannot be opened. */
async function followChanges(
  { client }: ClusterNamespace,
  path: string,
  labelSelector: string,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  let version: string | undefined;
  let wasOpen = false;
  for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      labelSelector,
      ...(version === undefined ? {} : { resourceVersion: version }),
    };
    try {
      for await (const line of client.lines({ method: 'GET', path, query, accept: watchedAs, signal })) {
        const change = parse(line);
        if (change?.type === 'ERROR' || change === undefined) {
          version = undefined;
          break;
        }
        wasOpen = true;
        pauseMs = 100;
        version = change.object?.metadata?.resourceVersion ?? version;
        if (change.type !== 'BOOKMARK') onChange();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!wasOpen) throw error;
      version = undefined;
    }
    await delay(pauseMs, signal);
    onChange();
  }
}

/** The list has the objects: of a change only its version counts. */
const watchedAs = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

function parse(
  line: string,
): { readonly type?: string; readonly object?: { readonly metadata?: ObjectMetadata } } | undefined {
  try {
    return JSON.parse(line) as { type?: string; object?: { metadata?: ObjectMetadata } };
  } catch {
    return undefined;
  }
}
