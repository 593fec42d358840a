import { delay } from '@recac/engine-kit';
import { isPodOf } from '../job/pod-status.ts';
import type { EnvironmentWatch } from '../watch/namespace-watch.ts';

/** Sees the end of a Job's pods in a watch, without asking. */
export interface PodsEnd {
  /** Waits until the pods that are known are gone. True when they are; false when that is not known in time, as where none was ever seen. */
  readonly within: (limits: WatchedLimits, signal: AbortSignal) => Promise<boolean>;
  /** Ends listening. */
  readonly close: () => void;
}

/** How long a watch is trusted, in milliseconds. */
export interface WatchedLimits {
  /** While it tells nothing, of whatever pod: where many end at once each waits for its turn. */
  readonly quietMs: number;
  /** In all. */
  readonly totalMs: number;
}

/** Listens for the end of a Job's pods from now on; to be called before they are deleted. */
export function followPodsEnd({ pods }: EnvironmentWatch, jobUid: string): PodsEnd {
  const gone = Promise.withResolvers<boolean>();
  const isAny = (): boolean => [...pods.table.values()].some((pod) => isPodOf(pod, jobUid));
  let toldAt = performance.now();
  const closing = new AbortController();
  const unlisten = pods.listen({
    onChange: ({ type, object }) => {
      toldAt = performance.now();
      if (type === 'DELETED' && isPodOf(object, jobUid) && !isAny()) gone.resolve(true);
    },
    onFailure: () => gone.resolve(false),
  });
  // Whoever is not seen may not have been told of yet: then only asking helps.
  pods.synced.then(
    () => isAny() || gone.resolve(false),
    () => gone.resolve(false),
  );
  const notWithin = async ({ quietMs, totalMs }: WatchedLimits, signal: AbortSignal): Promise<false> => {
    const over = AbortSignal.any([signal, closing.signal]);
    const latest = performance.now() + totalMs;
    for (;;) {
      const leftMs = Math.min(toldAt + quietMs, latest) - performance.now();
      if (leftMs <= 0 || over.aborted) return false;
      await delay(leftMs, over);
    }
  };
  const close = (): void => {
    closing.abort();
    unlisten();
  };
  return { within: (limits, signal) => Promise.race([gone.promise, notWithin(limits, signal)]), close };
}
